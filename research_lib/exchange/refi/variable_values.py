"""Values of variables: how each kind is spelled in XML, and back."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

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
_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_FLOAT = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", re.ASCII)
_FARTHEST = timedelta(hours=14)
_READ: dict[str, Callable[[str], Value]] = {
    "Boolean": lambda text: _TRUE[text.strip()],
    "Integer": lambda text: int(_matching(_INTEGER, text)),
    "Float": lambda text: _finite(float(_matching(_FLOAT, text))),
    "DateTime": lambda text: datetime.fromisoformat(text.strip()),
    "Date": lambda text: date.fromisoformat(text.strip()[:10]),
    "Text": str,
}


def plain_value(value: Any) -> Any:
    """Give a value of numpy as the plain value that it stands for; any other stays itself."""
    if isinstance(value, np.datetime64):
        return pd.Timestamp(value)
    return value.item() if isinstance(value, np.generic) else value


def shown(value: Any) -> str:
    """Show a value of any kind in a few words."""
    try:
        return repr(value)[:80]
    except ValueError:
        return f"of kind {type(value).__name__}"


def kind_of(value: Value) -> str:
    """Name the kind of a value as a variable has it: Text, Boolean, Integer, Float, Date or DateTime."""
    return next((kind for type_, kind in _KINDS if isinstance(value, type_)), "")


def spelled(value: Value) -> str:
    """Spell a value as XML has it; raises ValueError for what it cannot spell."""
    if value is pd.NaT or not kind_of(value):
        raise ValueError(f"a variable has a text, a number, a truth value or a date, not {type(value).__name__}")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"XML has no number {value}")
        return format(Decimal(repr(float(value))), "f")
    if isinstance(value, datetime):
        offset = value.utcoffset() or timedelta()
        if offset % timedelta(minutes=1) or abs(offset) > _FARTHEST:
            raise ValueError(f"XML has no time zone {offset} from UTC, only whole minutes up to 14 hours")
        if isinstance(value, pd.Timestamp) and value.nanosecond:
            raise ValueError("times are kept to the microsecond; round it")
    if isinstance(value, date):  # or a moment, which is one too
        return value.isoformat()
    return str.__str__(value) if isinstance(value, str) else str(int(value))


def understood(kind: str, text: str) -> Value:
    """Read a value of a kind; raises ValueError for a text that is not one."""
    try:
        return _READ[kind](text)
    except KeyError as error:
        raise ValueError(f"{text!r} is not of the kind {kind}") from error


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("it is too large for a number")
    return number


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return text
