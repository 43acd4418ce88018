"""Drawings of the pages as pictures that stand alone in a document, in its type."""

import re

FACE = "Source Sans 3"
_LABEL = re.compile(r'<text(?! class="under")([^>]*)>(.*?)</text>', re.DOTALL)
_SCALE = 1.35
_STYLE = (
    ".unsure .stroke { opacity: 1 !important }"
    ".tier2 text, .tier3 text, .tier4 text, .tier2 .lead, .tier3 .lead, .tier4 .lead { display: none }"
    ".place text { font-weight: 500 } .place text, .leg .many { stroke: none !important }"
    ".place text.under, .leg text.under { stroke: #fff !important; stroke-width: 3.5px; fill: #fff !important }"
)


def standing(svg: str) -> str:
    """Write a map for a printed page.

    Names stand above a white outline of their own, since not every program paints an outline first; they are larger,
    and a line that is unsure has its full strength, since paleness is lost in print.
    """
    named = _LABEL.sub(lambda found: _outlined(found[1], found[2]), svg)
    named = named.replace('<g class="unscaled">', f'<g class="unscaled" transform="scale({_SCALE})">')
    named = named.replace("</style>", f"{_STYLE}</style>", 1).replace("calc(14px * 1.2)", f"{14 * _SCALE:g}px")
    return named.replace("system-ui, sans-serif", FACE, 1)


def _outlined(attributes: str, text: str) -> str:
    if not text.strip():
        return ""
    shown = re.sub(r"<title>.*?</title>", "", text)
    under = re.sub(r'class="[^"]*"', "", attributes)
    return f'<text class="under"{under}>{shown}</text><text{attributes}>{shown}</text>'
