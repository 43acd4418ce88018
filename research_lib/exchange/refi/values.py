"""Values of variables: how each kind is spelled in XML, and back."""

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from research_lib.coding.project import Value

_TRUE = {"true": True, "1": True, "false": False, "0": False}
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "Boolean"),
    (int, "Integer"),
    (float, "Float"),
    (datetime, "DateTime"),
    (date, "Date"),
    (str, "Text"),
)
_READ: dict[str, Callable[[str], Value]] = {
    "Boolean": lambda text: _TRUE[text.strip()],
    "Integer": int,
    "Float": float,
    "DateTime": lambda text: datetime.fromisoformat(text.strip()),
    "Date": lambda text: date.fromisoformat(text.strip()[:10]),
    "Text": str,
}


def kind_of(value: Value) -> str:
    """Name the kind of a value as a variable has it: Text, Boolean, Integer, Float, Date or DateTime."""
    return next((kind for type_, kind in _KINDS if isinstance(value, type_)), "")


def spelled(value: Value) -> str:
    """Spell a value as XML has it; raises ValueError for what it cannot spell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"XML has no number {value}")
        return format(Decimal(repr(float(value))), "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def understood(kind: str, text: str) -> Value:
    """Read a value of a kind; raises ValueError for a text that is none."""
    try:
        return _READ[kind](text)
    except KeyError as error:
        raise ValueError(f"{text!r} is no {kind}") from error
