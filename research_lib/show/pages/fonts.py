"""The fonts of the pages, cut to the letters of European languages."""

import io
from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from string import ascii_letters
from typing import Any

from platformdirs import user_cache_dir

from research_lib.files.saving import SavingError, written_beside


@dataclass(frozen=True)
class _Font:
    """A font with axes as its makers give it, its name and its weights on a page, and where its axes are cut.

    `kerned` are the letters that stand nearer to some others than their widths say.
    """

    family: str
    name: str
    weights: str
    axes: tuple[tuple[str, float | tuple[float, float]], ...]
    kerned: str = ""


_FONTS = (
    _Font("Source Sans 3", "Study Sans", "400 700", (("wght", (400, 700)),)),
    _Font("Source Serif 4", "Study Serif", "600 700", (("wght", 600), ("opsz", 32)), f"{ascii_letters}.,-’"),
)
_LETTERS = (
    *range(0x20, 0x7F),  # Latin as English, French, German, Italian, Romanian and Slovak write it
    *map(ord, "\xa0ÀÁÂÄÇÈÉÊËÌÍÎÏÒÓÔÖÙÚÛÜÝßàáâäçèéêëìíîïòóôöùúûüýÿĂăČčĎďĹĺĽľŇňŒœŔŕŠšŤťŸŽžÆæ"),
    *map(ord, "§«°·º»×α‐‑–—‘’‚“”„•…‰‹›€←↑→↓−≈≠≤≥\u2009\u202f"),
)
_FURTHER = tuple(sorted({*range(0xA0, 0x180)} - {*_LETTERS}))  # the accents of the other European languages
_WOFF2 = b"wOF2"
_COPYRIGHT, _LICENCE, _LICENCE_ADDRESS = 0, 13, 14  # the entries of a font's table of names that are kept


def font_faces(text: str | None = None) -> str:
    """Write the fonts as rules of a style sheet, each font within its rule as WOFF2.

    Letters beyond those of the languages of the pages are a font of their own, which is there only where `text` has
    one of them. Sizes: 16 and 11 kB, 24 and 16 with all letters. Their licence, the SIL Open Font License 1.1, reserves
    the name "Source" for the fonts as their makers give them, so that these have names of their own.
    """
    needs_further = text is None or not {*text}.isdisjoint(map(chr, _FURTHER))
    return "\n".join(_rule(font, part) for part in (_LETTERS, _FURTHER)[: 1 + needs_further] for font in _FONTS)


def outlines(text: str, serif: bool, size: float) -> str:
    """Write a line of text as an SVG path that begins at its base line, for programs that do not have our fonts."""
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    font = _opened(serif)
    glyphs, letters, scale = font.getGlyphSet(), font.getBestCmap(), size / font["head"].unitsPerEm
    pen, left = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}"), 0.0
    for letter in text:
        glyph = glyphs[letters.get(ord(letter), ".notdef")]
        glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, left, 0)))
        left += glyph.width * scale
    return str(pen.getCommands())


@cache
def _opened(serif: bool) -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(io.BytesIO(_cut(_FONTS[serif], _LETTERS + _FURTHER)))


@cache
def _rule(font: _Font, letters: tuple[int, ...]) -> str:
    written = b64encode(_cut(font, letters)).decode()
    only = f"unicode-range: {','.join(f'U+{letter:X}' for letter in letters)}; " if letters == _FURTHER else ""
    return (
        f'@font-face {{ font-family: "{font.name}"; font-weight: {font.weights}; font-display: swap; {only}'
        f"src: url(data:font/woff2;base64,{written}) format('woff2'); }}"
    )


@cache
def _cut(wanted: _Font, letters: tuple[int, ...]) -> bytes:
    """Cut a font to some letters and to some places on its axes; the next process finds it in the user's cache."""
    kept = Path(user_cache_dir("research-lib")) / f"{_state_of(wanted, letters)}.woff2"
    with suppress(OSError):
        if (found := kept.read_bytes()).startswith(_WOFF2):
            return found
    font = _subset(wanted, letters)
    if wanted.kerned and letters != _FURTHER:
        font["GPOS"] = _subset(wanted, map(ord, wanted.kerned), ["kern"])["GPOS"]
    font.flavor = "woff2"
    font.save(written := io.BytesIO())
    with suppress(OSError, SavingError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(kept) as part:
            part.write_bytes(written.getvalue())
    return written.getvalue()


def _state_of(wanted: _Font, letters: tuple[int, ...]) -> str:
    """Name what a cut font depends on: what is wanted, and the versions of the font and of what cuts it."""
    package = f"fontpkg-{wanted.family.lower().replace(' ', '-')}"
    told = [wanted, letters, version(package), version("fonttools"), version("brotli")]
    return sha256(repr(told).encode()).hexdigest()[:32]


def _subset(wanted: _Font, letters: Iterable[int], features: Sequence[str] = ()) -> Any:
    import fontpkg
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    options = Options()
    options.layout_features, options.hinting = list(features), False
    options.name_IDs = [_COPYRIGHT, _LICENCE, _LICENCE_ADDRESS]
    cutter = Subsetter(options)
    cutter.populate(unicodes=letters)
    font = TTFont(fontpkg.path(wanted.family), recalcTimestamp=False)
    cutter.subset(font)
    return instantiateVariableFont(font, dict(wanted.axes))
