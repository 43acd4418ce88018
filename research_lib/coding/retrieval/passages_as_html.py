"""Passages as a document for a word processor: headings by code, a line of source under each passage."""

import unicodedata
from html import escape

import pandas as pd

from research_lib.coding.codebook import Codebook
from research_lib.coding.retrieval.passages import COLUMNS

_STYLE = "blockquote{margin:0 0 0 1cm}.context{color:#595959}.source,.memo{margin:0 0 .5cm 1cm;font-size:smaller}"


def as_html(passages: pd.DataFrame, codebook: Codebook | None = None, *, title: str = "", language: str = "en") -> str:
    """Write what `retrieve` gives as one HTML page, which Word and LibreOffice open; all text is escaped.

    `codebook`: for the full names of the codes and their definitions. `language`: of the title. Each passage carries
    the language of its document, so that a word processor checks its spelling and picks its letters.
    """
    parts = [f"<h1>{escape(title)}</h1>"] if title else []
    for code, rows in passages.groupby("code", sort=False):
        parts += [*_heading(str(code), codebook), *map(_passage, rows.to_dict("records"))]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _heading(code: str, codebook: Codebook | None) -> list[str]:
    name, definition = (code, "") if codebook is None else (codebook.full_name(code), codebook[code].definition)
    return [f"<h2>{escape(name)}</h2>", *([f"<p>{escape(definition)}</p>"] if definition else [])]


def _passage(row: dict[str, object]) -> str:
    before, text, after = (_lines(row[name]) for name in ("before", "text", "after"))
    words = f'<span class="context">{before}</span><b>{text}</b><span class="context">{after}</span>'
    language = "" if row["language"] == "und" else f' lang="{escape(str(row["language"]))}"'
    place = f"{row['name']}, {row['start']}–{row['end']}"
    known = [f"{name}: {value}" for name, value in row.items() if name not in COLUMNS and not pd.isna(value)]
    source = escape(" · ".join([place, str(row["coder"]), *known]))
    memo = f'\n<p class="memo"><i>{_lines(row["memo"])}</i></p>' if row["memo"] else ""
    shown = f'<blockquote{language} dir="{_direction(str(row["text"]))}">{words}</blockquote>'
    return f'{shown}\n<p class="source">{source}</p>{memo}'


def _lines(text: object) -> str:
    return escape(str(text)).replace("\r\n", "\n").replace("\n", "<br>")


def _direction(text: str) -> str:
    """Which way a passage runs: that of its first letter that has one."""
    ways = (unicodedata.bidirectional(sign) for sign in text)
    return "rtl" if next((way for way in ways if way in ("L", "R", "AL")), "L") != "L" else "ltr"
