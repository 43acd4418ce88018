"""Latent classes: a few kinds of persons that account for associated answers, and whether places have the same."""

from typing import TYPE_CHECKING, Any

from research_lib.methods.latent_classes.classes_by_group import LatentClassesBy, latent_classes_by, same_across
from research_lib.methods.latent_classes.latent_class_model import LatentClasses, latent_classes
from research_lib.methods.latent_classes.number_of_classes import (
    BootstrapTest,
    Stability,
    bootstrap_test,
    numbers_of_classes,
    stability,
)

if TYPE_CHECKING:
    from research_lib.methods.latent_classes.latent_class_estimator import LatentClassModel

__all__ = [
    "BootstrapTest",
    "LatentClassModel",
    "LatentClasses",
    "LatentClassesBy",
    "Stability",
    "bootstrap_test",
    "latent_classes",
    "latent_classes_by",
    "numbers_of_classes",
    "same_across",
    "stability",
]


def __getattr__(name: str) -> Any:
    if name != "LatentClassModel":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from research_lib.methods.latent_classes.latent_class_estimator import LatentClassModel  # loads scikit-learn

    return LatentClassModel
