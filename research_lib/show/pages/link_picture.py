"""The picture that other sites show beside a link to a page: its heading, its first sentence and the study's name."""

from functools import cache
from pathlib import Path
from textwrap import wrap

from research_lib.show.pages.fonts import outlines
from research_lib.show.pages.opened_templates import open_templates

_WIDTH, _HEIGHT = 1200, 630  # pixels; what social networks and chat programs expect
_HEADING, _TEXT = (34, 4), (70, 2)  # the letters of a line, and the most lines


@cache
def link_picture(heading: str, text: str, name: str) -> bytes:
    """Draw the picture as PNG, 1200 × 630 pixels; a text that is too long ends with an ellipsis."""
    import vl_convert

    svg = (
        open_templates(Path(__file__).parent / "shared")
        .get_template("link_picture.svg.j2")
        .render(
            outlines=outlines,
            space="http://www.w3.org/2000/svg",
            width=_WIDTH,
            height=_HEIGHT,
            heading=_lines(heading, *_HEADING),
            text=_lines(text, *_TEXT),
            name=name,
        )
    )
    return bytes(vl_convert.svg_to_png(svg))


def _lines(text: str, letters: int, most: int) -> list[str]:
    return wrap(text, letters, max_lines=most, placeholder=" …")
