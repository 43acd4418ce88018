"""A page as its readers need it: the names that its template uses, the rows of its downloads, its browser's model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from research_lib.show.pages.shared.cards import Card
from research_lib.show.words import Words


@dataclass(frozen=True)
class View:
    """One page, ready: `context` is what its template names, `rows` what its kernel reads."""

    context: Mapping[str, Any]
    rows: Mapping[str, Any]


def view_of(context: Mapping[str, Any], rows: Mapping[str, Any], words: Words, **model: Any) -> View:
    """Put a page's context and rows together with the model of its browser module."""
    live = {key: words(f"live.{key}") for key in ("waiting", "ready", "lost")}
    return View(
        {
            **context,
            "view_model": {"options": rows["options"], "single": rows.get("single", []), "live": live, **model},
        },
        rows,
    )


def amount_and_unit(card: Card) -> str:
    """Write the number of a card with its unit; empty where it has none."""
    return " ".join(part for part in (card.amount, card.unit) if part)
