"""Pages that need Python: groups compared, calibrations whose cells are moved, persons clustered by their answers."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
