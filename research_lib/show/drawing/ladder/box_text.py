"""Text in a box of a drawing: how wide it is in a wide common typeface, and how it breaks into lines."""

import textwrap
import unicodedata

from research_lib.show.drawing.labels import shortened

# Widths of letters in hundredths of the size of the text.
_WIDTHS = {
    **dict.fromkeys("'ijlIJ", 30),
    **dict.fromkeys(" ,./:;|-f’", 34),
    **dict.fromkeys("!()[]tr", 41),
    **dict.fromkeys('*_"sz?c–', 53),
    **dict.fromkeys("LFkPvxyTYaeo", 61),
    **dict.fromkeys("KABVXZCR", 69),
    **dict.fromkeys("NUH&DGOQw", 79),
    **dict.fromkeys("MWm%@#+<=>~—…", 98),
}
_MOST = 48


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in pixels, in DejaVu Sans, which is wider than most."""
    return size * sum(map(_letter, text))


def lines_of(text: str, most_lines: int = 3) -> tuple[str, ...]:
    """Break a text into few short lines, of about one length; a very long text is cut."""
    cut = shortened(text, _MOST)
    longest = max(map(len, cut.split()), default=1)
    for width in range(min(longest, 14), _MOST + 1):
        lines = textwrap.wrap(cut, width, break_on_hyphens=False)
        if len(lines) <= most_lines:
            return tuple(lines)
    return (cut,)


def _letter(letter: str) -> float:
    base = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(base, 100 if ord(base) > 0x2E7F else 64) / 100
