"""The map of routes as an SVG that stands alone: no style sheet, no variables, in the light colours."""

import re
from collections.abc import Container
from functools import cache
from pathlib import Path

import jinja2

from research_lib.files.design_tokens import light_tokens
from research_lib.show.drawing.map import ALL, MapDrawing
from research_lib.show.drawing.route_maps.land import Box
from research_lib.show.pages.browser_module import page_style
from research_lib.show.words import Words

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif"'
_TEMPLATES = Path(__file__).resolve().parents[1] / "pages/routes"
_TOLD = re.compile(
    r"^(?:\.(?:land|home|borders|disputed|province|leg|ring|lead|place|unscaled)\b|\[data-status|"
    r'svg\[data-role="map"\]:not\(\[data-tier)'
)
_HUE = re.compile(r"^\.([a-z]+) \{ --line: (.+); \}$", re.MULTILINE)


def map_image(drawing: MapDrawing, words: Words, out: Container[str] = (), *, view: Box | None = None) -> str:
    """Write a part of a map, all organisers at once, without the legs of `out`, as an SVG for a document or a web page.

    `view`: the part, as a left, a top, a width and a height of drawing units; by default that of the journeys.
    """
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    templates.filters["num"] = lambda number: f"{number:g}"
    text = str(templates.get_template("map.svg.j2").module.map(drawing, words, view or drawing.frame, out, ALL))  # type: ignore[attr-defined]
    start = text.index("<svg")
    opened, rest = text[start + len("<svg") :].split(">", 1)
    return f"{_HEAD}{opened}><style>{_style()}</style>{rest}"


@cache
def _style() -> str:
    """The rules of the page's style that the map needs, with colours in place of variables."""
    css = page_style()
    rules = [line for line in css.splitlines() if _TOLD.match(line)]
    hues = [
        f".{code} .stroke {{ stroke: {hue} }} .{code} .many, .tip.{code} path {{ fill: {hue} }}"
        for code, hue in _HUE.findall(css)
    ]
    return in_light_colours("\n".join([*rules, *hues]).replace("var(--unit)", "1.2"))


def in_light_colours(text: str) -> str:
    """Put the light colours in place of variables, since a file of its own has no style sheet."""
    light = light_tokens()
    return re.sub(r"var\(--([a-z]+)\)", lambda found: light.get(found[1], light["grey"]), text)
