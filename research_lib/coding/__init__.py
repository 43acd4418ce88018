"""Close reading: codebooks, texts and codings; `matrix` and `texts` give a project as tables for pipelines."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
