"""How many interviews are enough, and how many codes are still unseen.

All functions take a table of interviews: rows are interviews, columns are codes, a cell says whether (0 or 1) or how
often a code was given in an interview; only presence counts. `incidence` makes one from codings.

Not for codebooks that were fixed beforehand, where no code is new, and not as a rule for when to stop: all of this is
about whether a code has been *heard*, not whether it is understood, which takes two to three times as many interviews
(Hennink, Kaiser and Marconi 2017, Qualitative Health Research 27, 591-608). Codes are made by those who code: with
finer ones nothing saturates, with coarse ones everything does, and where meaning is made in the analysis the idea does
not fit at all (Braun and Clarke 2021, Qualitative Research in Sport, Exercise and Health 13, 201-216). The estimates
take interviews for a random sample of those that could be had; with people chosen on purpose, or found through one
another, they apply only to the people reached in this way.
"""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
