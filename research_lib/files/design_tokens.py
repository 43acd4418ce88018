"""The colours of the pages, read from their one style sheet, for drawings that stand alone."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_THEME = Path(__file__).resolve().parents[1] / "show/pages/shared/theme.css"


@cache
def light_tokens() -> Mapping[str, str]:
    """Give the tokens of the light scheme by their names without dashes, such as `ink` or `measure`."""
    text = _THEME.read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+): ([^;]+);", text[: text.index("@media")]))
