"""What may leave a study: `Policy`, `Plan`, `information_loss`, `build_release`, `open_release`, `audit`."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
