"""Typologies: which kinds of persons there are by their answers, and whether places have the same.

Latent classes sort persons into a few unseen kinds; correspondence analysis lays answers and persons out on axes.
"""

from research_lib.compare.typology.bootstrap import BootstrapTest
from research_lib.compare.typology.contingency import CountsCorrespondence, correspondence_of_counts
from research_lib.compare.typology.correspondence import Correspondence, correspondence
from research_lib.compare.typology.ellipses import ellipses, outlines
from research_lib.compare.typology.groups import LatentClassesBy, latent_classes_by, same_across
from research_lib.compare.typology.latent import LatentClasses, latent_classes
from research_lib.compare.typology.persons import person_coordinates
from research_lib.compare.typology.selection import Stability, bootstrap_test, numbers_of_classes, stability

__all__ = [
    "BootstrapTest",
    "Correspondence",
    "CountsCorrespondence",
    "LatentClasses",
    "LatentClassesBy",
    "Stability",
    "bootstrap_test",
    "correspondence",
    "correspondence_of_counts",
    "ellipses",
    "latent_classes",
    "latent_classes_by",
    "numbers_of_classes",
    "outlines",
    "person_coordinates",
    "same_across",
    "stability",
]
