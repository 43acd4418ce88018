"""Migration between regions: how much there is, how lopsided, how concentrated, and what distance does to it."""

from research_lib.methods.flows.flow_measures import (
    FlowModel,
    courgeau_k,
    distance_decay,
    effectiveness,
    gravity,
    net_migration,
    total_gini,
)

__all__ = [
    "FlowModel",
    "courgeau_k",
    "distance_decay",
    "effectiveness",
    "gravity",
    "net_migration",
    "total_gini",
]
