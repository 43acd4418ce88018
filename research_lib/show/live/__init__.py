"""Pages that need Python: a study's released tables or own records compared, and calibrations that can be moved."""

from importlib import import_module
from typing import Any

_PLACES = {"Compare": "compare_page", "WhatIf": "what_if_page", "served_study": "serving", "get_ready": "serving"}

__all__ = ["Compare", "WhatIf", "served_study"]


def __getattr__(name: str) -> Any:
    """Bring in a page when it is first used: the two need different methods, which take seconds to load."""
    if name not in _PLACES:
        raise AttributeError(f"research_lib.show.live has no {name!r}; it has {', '.join(_PLACES)}")
    return getattr(import_module(f"research_lib.show.live.{_PLACES[name]}"), name)
