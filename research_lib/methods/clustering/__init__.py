"""Clusters of persons by their answers: how far two persons are apart, and how many clusters hold."""

from research_lib.methods.clustering.gower import gower_distances
from research_lib.methods.clustering.number_of_clusters import prediction_strength

__all__ = ["gower_distances", "prediction_strength"]
