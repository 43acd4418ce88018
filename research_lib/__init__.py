"""Research on migration, trafficking and assistance: every claim and every number with its source."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research_lib.errors import Problem, ResearchError
    from research_lib.evidence.new_study import new_study
    from research_lib.evidence.study import Study, open_study

    __version__: str

__all__ = ["Problem", "ResearchError", "Study", "__version__", "new_study", "open_study"]
_HOMES = {
    "Problem": "errors",
    "ResearchError": "errors",
    "Study": "evidence.study",
    "new_study": "evidence.new_study",
    "open_study": "evidence.study",
}


def __getattr__(name: str) -> Any:
    """Bring in a public name when it is first used, so that a visitor's kernel does not carry what it never needs."""
    if name == "__version__":
        return version("research-lib")
    if name not in _HOMES:
        raise AttributeError(f"research_lib has no {name!r}; its public names are {', '.join(__all__)}")
    return getattr(import_module(f"research_lib.{_HOMES[name]}"), name)
