"""Pages that need Python: groups compared, calibrations whose cells are moved, persons clustered by their answers."""

from importlib import import_module
from typing import Any

_PLACES = {
    "Compare": "compare_page",
    "WhatIf": "what_if_page",
    "Clusters": "clusters_page",
    "served_study": "live_page",
    "visitor_language": "live_page",
    "get_ready": "live_page",
}

__all__ = ["Clusters", "Compare", "WhatIf", "served_study", "visitor_language"]


def __getattr__(name: str) -> Any:
    """Bring in a page when it is first used: they need different methods, which take seconds to load."""
    if name not in _PLACES:
        raise AttributeError(f"research_lib.show.live has no {name!r}; it has {', '.join(_PLACES)}")
    return getattr(import_module(f"research_lib.show.live.{_PLACES[name]}"), name)
