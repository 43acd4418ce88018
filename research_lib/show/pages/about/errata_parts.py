"""The list of errata of a study as parts of the page: its Markdown as HTML in which no text of a study is code."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mistune
from markupsafe import Markup

from research_lib.files.opening import MB, read_text


@dataclass(frozen=True)
class ErrataPart:
    """One part of the list: its title, how many entries it has, and its text."""

    title: str
    count: int
    text: Markup


class _AsText(mistune.HTMLRenderer):
    """Headings stand below those of the page; a picture and a link are their words, so that nothing is requested."""

    def heading(self, text: str, level: int, **_: object) -> str:
        """Give an entry's title."""
        return f"<h3>{text}</h3>\n" if level > 1 else ""

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        """Give the words of a picture."""
        return text

    def link(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        """Give the words of a link."""
        return text


def errata_parts(study: Path) -> tuple[ErrataPart, ...]:
    """Read `ERRATA.md` of a study's folder, a part for each heading of the second level; without the file, none."""
    path = study / "ERRATA.md"
    if not path.exists():
        return ()
    parts = re.split(r"^## +", read_text(path, limit=MB), flags=re.MULTILINE)[1:]
    return tuple(_part(*part.partition("\n")) for part in parts)


def _part(title: str, _: str, text: str) -> ErrataPart:
    entries = len(re.findall(r"^### ", text, re.MULTILINE)) or _rows(text)
    return ErrataPart(title.strip(), entries, Markup(_markdown()(text)))


def _rows(text: str) -> int:
    """Count the rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return len(lines) - 2 * sum(line.startswith("|--") for line in lines)


@cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(renderer=_AsText(escape=True))
