"""Taguette's documents: HTML whose text, without tags, is what positions count, in bytes of UTF-8."""

import html
import re
from collections import Counter
from html.parser import HTMLParser

import numpy as np

_PLAIN = frozenset({"p", "br"})
_SWALLOW_NEWLINE = frozenset({"pre", "listing", "textarea"})
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?")
_MARKUP = frozenset("<>&\"'")
_SURROGATES, _LAST, _LOST = range(0xD800, 0xE000), 0x10FFFF, "\ufffd"
_WINDOWS = range(0x80, 0xA0)
_ESCAPES = {number: f"&#{number};" for number in (*range(1, 9), 0x0B, 0x0C, *range(0x0D, 0x20), 0x7F)}
_ESCAPES |= {0: _LOST, ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_SIZES = (0x80, 0x800, 0x10000)


class _Text(HTMLParser):
    """Collects text as a browser does: a line end directly after `<pre>` is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.formats: Counter[str] = Counter()
        self._swallows = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (HTMLParser's)
        """Count what is more than a paragraph."""
        self._swallows = tag in _SWALLOW_NEWLINE
        if tag not in _PLAIN:
            self.formats[tag] += 1

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  (HTMLParser's)
        """Take the next line end for what it is."""
        self._swallows = False

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.parts.append(data.removeprefix("\n") if self._swallows else data)
        self._swallows = False


def text_of(contents: str) -> tuple[str, Counter[str]]:
    """Read the text that Taguette counts in, and how often which formatting stood in it."""
    parser = _Text()
    parser.feed(_REFERENCE.sub(_character, re.sub(r"\r\n?", "\n", contents).replace("\0", "")))
    parser.close()
    return "".join(parser.parts), parser.formats


def _character(reference: re.Match[str]) -> str:
    """A numeric reference as browsers read it; those to signs of markup stay, and are read with the markup."""
    number = int(reference[1], 16) if reference[1] else int(reference[2][:9])
    if number in _WINDOWS:
        return html.unescape(f"&#{number};")
    if number == 0 or number in _SURROGATES or number > _LAST:
        return _LOST
    return f"&#{number};" if chr(number) in _MARKUP else chr(number)


def html_of(text: str) -> str:
    """Write a text so that its characters, without tags, are exactly the text: each line is a paragraph."""
    return "\n".join(f"<p>{line}</p>" for line in text.translate(_ESCAPES).split("\n"))


def byte_edges(text: str) -> np.ndarray:
    """Say at which byte of its UTF-8 each character of a text begins, and where the text ends."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    sizes = 1 + sum(points >= size for size in _SIZES)
    return np.concatenate([[0], np.cumsum(sizes, dtype="int64")])
