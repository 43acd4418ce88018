"""The colours of the pages, read from their one style sheet, for drawings that stand alone and for widgets."""

import re
from collections.abc import Mapping
from pathlib import Path

_THEME = (Path(__file__).parent / "pages/shared/theme.css").read_text(encoding="utf-8")


def light_tokens() -> Mapping[str, str]:
    """Give the tokens of the light scheme by their names without dashes, such as `ink` or `measure`."""
    return dict(re.findall(r"--([\w-]+): ([^;]+);", _THEME[: _THEME.index("@media")]))


def token_rules(light: str, dark: str) -> str:
    """Write the tokens of both schemes as rules of a style sheet, each for its own selector."""
    bright, dim = re.findall(r":root \{(.*?)\}", _THEME, re.DOTALL)[:2]
    return f"{light} {{{bright}}}\n{dark} {{{dim}}}\n"
