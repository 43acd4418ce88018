"""The picture that other sites show beside a link to a page: its heading, its first sentence and the study's name."""

from functools import cache, partial
from pathlib import Path
from textwrap import wrap

import jinja2

from research_lib.show.pages.fonts import outlines

_WIDTH, _HEIGHT = 1200, 630  # pixels; what social networks and chat programs expect
_HEADING, _TEXT = (34, 4), (70, 2)  # the letters of a line, and the most lines


@cache
def link_picture(heading: str, text: str, name: str) -> bytes:
    """Draw the picture as PNG, 1200 × 630 pixels; a text that is too long ends with an ellipsis."""
    import vl_convert

    loader = jinja2.FileSystemLoader(Path(__file__).parent / "shared")
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    templates.filters |= {"serif": partial(outlines, serif=True), "sans": partial(outlines, serif=False)}
    svg = templates.get_template("link_picture.svg.j2").render(
        space="http://www.w3.org/2000/svg",
        width=_WIDTH,
        height=_HEIGHT,
        heading=_lines(heading, *_HEADING),
        text=_lines(text, *_TEXT),
        name=name,
    )
    return bytes(vl_convert.svg_to_png(svg))


def _lines(text: str, letters: int, most: int) -> list[str]:
    return wrap(text, letters, max_lines=most, placeholder=" …")
