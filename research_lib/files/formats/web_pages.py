"""Web pages as text: what a reader of the page sees, each block of it on a line."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree

from research_lib.files.encodings import MARKS, ReadText
from research_lib.files.xml_documents import MOST_ELEMENTS, DocumentError

_LEFT_OUT = {
    **dict.fromkeys(("script", "noscript", "template"), "scripts and what stands in for them"),
    "style": "styles",
    **dict.fromkeys(("img", "picture", "svg", "canvas", "map"), "pictures"),
    **dict.fromkeys(("audio", "video", "iframe", "object", "embed", "applet"), "recordings and embedded pages"),
    **dict.fromkeys(("input", "select", "textarea", "button", "datalist"), "fields and buttons of forms"),
    "rt": "readings above characters",
    "math": "formulas",
}
_SILENT = ("head", "rp")
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|"
    "footer|form|h[1-6]|header|hgroup|hr|legend|li|main|menu|nav|ol|p|pre|search|section|summary|table|tbody|td|tfoot|"
    "th|thead|tr|ul"
)
_DECLARED = re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_BEGINNING, _BLANK = 4096, re.compile("[ \t\r\n\f]+")
_AS_BROWSERS_READ = {
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "big5": "big5hkscs",
}


def declared_encoding(data: bytes) -> str | None:
    """Give the encoding that a page names in its head, as browsers take it, or None; a byte order mark says it all."""
    if data.startswith(tuple(mark for mark, _ in MARKS)):
        return None
    found = _DECLARED.search(_COMMENT.sub(b"", data[:_BEGINNING]))
    named = found[1].decode("ascii", "replace").lower() if found else None
    return _AS_BROWSERS_READ.get(named, named) if named else None


def page_text(path: Path, read: ReadText) -> ReadText:
    """Give the text of a page's body, each block, table cell and line of `pre` on a line of its own.

    Several blanks are one. Comments are passed over; scripts, styles, pictures, fields and what the page hides are left
    out and counted. Raises DocumentError for a page without text, and for one that is nested deeper or has more
    elements than any page for readers.
    """
    left_out = Counter[str]()
    lines = [_BLANK.sub(" ", "".join(parts)).strip(" ") for parts in _lines(_body(path, read.text), left_out)]
    text = "\n".join(lines).strip("\n")
    if not text:
        raise DocumentError(f"{path}: it has no text; open it in a browser, and save what you see there as .txt.")
    notes = (f"left out: {what} ({count})" for what, count in left_out.items())
    return replace(read, text=text, notes=(*read.notes, *notes))


def _body(path: Path, text: str) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        body = etree.fromstring(text.replace("\0", "\ufffd").encode(), parser).find("body")
    except (etree.LxmlError, AttributeError):  # the second where there is nothing at all
        body = None
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise DocumentError(f"{path}: its elements are nested too deep; open it in a browser and save it anew.")
    if body is None:
        raise DocumentError(f"{path}: it has no body; open it in a browser, and save what you see there as .txt.")
    if sum(1 for _ in body.iter()) > MOST_ELEMENTS:
        raise DocumentError(f"{path}: it has more than {MOST_ELEMENTS:,} elements; bring it in parts.")
    return body


def _lines(body: Any, left_out: Counter[str]) -> Iterator[list[str]]:
    """The parts of each line, while the elements of a page pass by."""
    line, pre = list[str](), 0
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        name, is_start = str(element.tag), event == "start"
        if (name == "br" and is_start) or (_BLOCKS.fullmatch(name) and "".join(line).strip()):
            yield line
            line = []
        pre += (name == "pre") * (1 if is_start else -1)
        is_hidden = is_start and _is_left_out(element, left_out)
        if is_hidden:
            walk.skip_subtree()
        words = element.tail if not is_start else None if is_hidden else element.text
        first, *more = (words or "").split("\n") if pre else (words or "",)
        line.append(first)
        for each in more:
            yield line
            line = [each]
    yield line


def _is_left_out(element: Any, left_out: Counter[str]) -> bool:
    """Whether an element is not entered; counts it where a reader of the page may miss it."""
    style = "".join(element.get("style", "").lower().split())
    is_hidden = element.get("hidden") is not None or "display:none" in style
    what = _LEFT_OUT.get(element.tag, "hidden parts" if is_hidden else "")
    if what:
        left_out[what] += 1
    return bool(what) or element.tag in _SILENT
