"""Research on migration, trafficking and assistance: every claim and every number with its source."""

from typing import Any

from research_lib.public_names import public_names

_bring_in, __all__ = public_names(__name__, __file__)
__all__ += ["__version__"]


def __getattr__(name: str) -> Any:
    if name != "__version__":
        return _bring_in(name)
    from importlib.metadata import version

    return version("research-lib")
