"""Research on migration, trafficking and assistance: every claim and every number with its source."""

from importlib.metadata import version
from typing import Any

from research_lib.public_names import public_names

_bring_in, __all__ = public_names(__name__, __file__)
__all__ += ["__version__"]


def __getattr__(name: str) -> Any:
    return version("research-lib") if name == "__version__" else _bring_in(name)
