"""A small drawing of lines, shapes and texts, at the width at which it is shown, so that no text shrinks."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

WIDTHS = (300, 540)  # beside a text on a phone, and on a screen
SIZE, LINE, BOLD = 14, 19, 1.13  # of the letters, from one line to the next, and how much wider bold letters are
INSIDE = 10  # from the edge of a box to its text

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


@dataclass(frozen=True)
class Text:
    """One line of text, at its baseline; `look`: the names of its rules of style."""

    x: float
    y: float
    text: str
    look: str = ""
    anchor: str = "start"


@dataclass(frozen=True)
class Mark:
    """A line or a shape as a path; `look`: the names of its rules of style."""

    path: str
    look: str


@dataclass(frozen=True)
class Sketch:
    """A drawing; `spoken` says in words what it shows."""

    width: float
    height: float
    spoken: str
    marks: tuple[Mark, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Said:
    """A heading and what is said below it, of which one may be empty; `look`: the rules of style of the heading."""

    head: str
    text: str
    look: str = ""

    def lines(self, at: tuple[float, float], width: float) -> list[Text]:
        """Place both below each other, from a point at the top."""
        x, y = at
        head = [*paragraph(self.head, (x, y + LINE), width / BOLD, f"name {self.look}".strip())] if self.head else []
        below = (head[-1].y if head else y) + LINE
        return [*head, *(paragraph(self.text, (x, below), width) if self.text else ())]


def boxed(said: Said, at: tuple[float, float], width: float, look: str) -> tuple[list[Mark], list[Text]]:
    """Draw a box around what is said; its text stands a little inside."""
    x, y = at
    texts = said.lines((x + INSIDE, y + INSIDE / 3), width - 2 * INSIDE)
    height = texts[-1].y - y + INSIDE
    return [Mark(f"M{x + 1:g} {y:g}h{width - 2:g}v{height:g}h{2 - width:g}z", f"box {look}")], texts


def wide(text: Text) -> float:
    """About how wide a text is, in the widest of common typefaces."""
    return width_of(text.text, SIZE) * (BOLD if {"name", "amount"} & {*text.look.split()} else 1)


def wrapped(text: str, width: float) -> list[str]:
    """Break a text into lines that are no wider than so many units; a single word may be."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, SIZE) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def paragraph(
    text: str, at: tuple[float, float], width: float, look: str = "", *, anchor: str = "start"
) -> Iterator[Text]:
    """Place the lines of a text below each other, the baseline of the first at a point."""
    x, y = at
    for number, line in enumerate(wrapped(text, width)):
        yield Text(x, y + LINE * number, line, look, anchor)


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in pixels, in DejaVu Sans, which is wider than most."""
    return size * sum(map(_letter, text))


def _letter(letter: str) -> float:
    base = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(base, 100 if ord(base) > 0x2E7F else 64) / 100
