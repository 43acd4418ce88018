"""Puts things that refer to one another in an order: each after the one that it refers to."""

from collections.abc import Mapping


def in_order(above: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """Order ids so that each stands after the one it refers to, and otherwise as they are.

    The second list has those whose reference must go, since it closes a circle.
    """
    placed: dict[str, None] = {}
    circular: list[str] = []
    for first in above:
        trail: dict[str, None] = {}
        id_: str | None = first
        while id_ is not None and id_ not in placed and id_ not in trail:
            trail[id_] = None
            id_ = above[id_]
        if id_ in trail:
            circular.append(list(trail)[-1])
        placed |= dict.fromkeys(reversed(trail))
    return list(placed), circular
