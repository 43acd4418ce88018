"""Correspondence analysis: answers and the people who gave them, or a cross-table, as points on common axes."""

from research_lib.methods.correspondence.ellipses import ellipses, outlines
from research_lib.methods.correspondence.multiple_correspondence import Correspondence, correspondence
from research_lib.methods.correspondence.persons import person_coordinates
from research_lib.methods.correspondence.simple_correspondence import CountsCorrespondence, correspondence_of_counts

__all__ = [
    "Correspondence",
    "CountsCorrespondence",
    "correspondence",
    "correspondence_of_counts",
    "ellipses",
    "outlines",
    "person_coordinates",
]
