"""What could not be carried over, counted by place, thing and reason."""

from collections import Counter

from research_lib.coding.project import Loss


class Losses:
    """A list of losses in which the same loss at the same place is one line with its number."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, place: str, what: str, reason: str, count: int = 1) -> None:
        """Note that something stays behind."""
        if count:
            self._counts[place, what, reason] += count

    def listed(self) -> tuple[Loss, ...]:
        """List what was noted, in the order in which it was first noted."""
        return tuple(
            Loss(place, what if count == 1 else f"{count:,} × {what}", reason)
            for (place, what, reason), count in self._counts.items()
        )
