"""Correspondence analysis: answers and the people who gave them, or a cross-table, as points on common axes."""

from typing import TYPE_CHECKING, Any

from research_lib.methods.correspondence.ellipses import ellipses, outlines, person_coordinates
from research_lib.methods.correspondence.multiple_correspondence import (
    Correspondence,
    CountsCorrespondence,
    correspondence,
    correspondence_of_counts,
)

if TYPE_CHECKING:
    from research_lib.methods.correspondence.correspondence_transformer import CorrespondenceTransformer

__all__ = [
    "Correspondence",
    "CorrespondenceTransformer",
    "CountsCorrespondence",
    "correspondence",
    "correspondence_of_counts",
    "ellipses",
    "outlines",
    "person_coordinates",
]


def __getattr__(name: str) -> Any:
    if name != "CorrespondenceTransformer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from research_lib.methods.correspondence.correspondence_transformer import (
        CorrespondenceTransformer,  # loads scikit-learn
    )

    return CorrespondenceTransformer
