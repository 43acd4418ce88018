"""Odd and malformed tables of our own making, in code and by seed: families × positions, each with what is true of it.

A case says what was put into the file, cell by cell with its line, or on which line and for which reason the file has to
be refused. The writers here are not those that the reader is built on.
"""

import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Any

SEED = 2007
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
MARK = "\ufeff"
WORDS = (
    "Wenzhou",
    "温州",
    "Dongbei 东北",
    "Košice",
    "J’ai travaillé",
    "她说：“没有”",
    "Torino",
    "5,5",
    "a;b",
    "x|y",
    "007",
)
CODES = ("NA", "N/A", "n/a", "NULL", "NaN", "None", "-99", "-88", "-9", "999", "9999", "#N/A", ".", "?", "-", "缺失")
PLACES = (0, 5, 11)


@dataclass(frozen=True)
class Truth:
    """What a reader has to find: the header, and for each line the cells that were put in."""

    header: tuple[str, ...]
    rows: dict[int, tuple[str | None, ...]]


@dataclass(frozen=True)
class Case:
    """One file; `truth` when it can be read, else `line` and words of the `reason`; or neither, for chance damage.

    `notes` are kinds that the report must have, each with a line or 0.
    """

    name: str
    data: bytes
    file: str = "table.csv"
    options: dict[str, Any] = field(default_factory=dict)
    truth: Truth | None = None
    notes: tuple[tuple[str, int], ...] = ()
    line: int | None = None
    reason: str = ""
    intact: bytes = b""


def table(seed: int, rows: int = 12, words: tuple[str, ...] = WORDS) -> list[list[str]]:
    """A header and rows; the first column has a code of its own for each row, the second is never odd."""
    draw = random.Random(SEED + seed)
    body = [[f"fr{n:04}", str(draw.randint(10, 98)), *draw.choices(words, k=3)] for n in range(1, rows + 1)]
    return [["case_code", "age", "origin", "remarks", "plans"], *body]


def plain(seed: int, rows: int = 12) -> list[list[str]]:
    """A table without a sign that needs quotes in any dialect."""
    return table(seed, rows, ("Wenzhou", "温州", "Torino", "yes", "no"))


def quoted(cell: str, delimiter: str, *, always: bool = False) -> str:
    needs = always or any(sign in cell for sign in (delimiter, '"', "\r", "\n"))
    return '"' + cell.replace('"', '""') + '"' if needs else cell


def text_lines(cells: list[list[str]], delimiter: str = ",", *, always: bool = False) -> list[str]:
    return [delimiter.join(quoted(cell, delimiter, always=always) for cell in row) for row in cells]


def truth_of(cells: list[list[str]], first: int = 2) -> Truth:
    """The truth of a table whose records have a line each."""
    return Truth(tuple(cells[0]), {first + n: tuple(row) for n, row in enumerate(cells[1:])})


def joined(lines: list[str], end: str = "\n") -> str:
    return end.join(lines) + end


def dialects() -> Iterator[Case]:
    encodings = {
        "utf-8": b"",
        "utf-8 marked": b"\xef\xbb\xbf",
        "utf-16-le": b"\xff\xfe",
        "utf-16-be": b"\xfe\xff",
        "utf-32-le": b"\xff\xfe\0\0",
        "gb18030": b"\x84\x31\x95\x33",
    }
    for seed, (name, delimiter) in enumerate(DELIMITERS.items()):
        for end in ("\n", "\r\n", "\r"):
            for always in (False, True):
                for encoding, mark in encodings.items():
                    cells = table(seed)
                    text = joined(text_lines(cells, delimiter, always=always), end)
                    data = mark + text.encode(encoding.removesuffix(" marked"))
                    label = f"dialect {name} {end!r} {always} {encoding}"
                    notes = (("encoding", 0), ("delimiter", 0), ("line ends", 0))
                    options = {} if always or delimiter == "\t" else {"delimiter": delimiter}
                    yield Case(label, data, truth=truth_of(cells), notes=notes, options=options)


def rows_that_do_not_fit() -> Iterator[Case]:
    for seed, (name, delimiter) in enumerate(DELIMITERS.items()):
        for place in PLACES:
            changes = {
                "short": (lambda row: row[:-1], "has 4 cells where 5"),
                "long": (lambda row: [*row, "more"], "has 6 cells where 5"),
                "shifted": (lambda row: [*row[:2], row[2], "cut", *row[3:]], "has 6 cells where 5"),
                "one": (lambda row: row[:1], "has 1 cells where 5"),
            }
            for kind, (change, reason) in changes.items():
                cells = plain(seed)
                cells[place + 1] = change(cells[place + 1])
                data = joined(text_lines(cells, delimiter)).encode()
                yield Case(f"{kind} row {place} {name}", data, line=place + 2, reason=reason)


def quotes() -> Iterator[Case]:
    for seed, (name, delimiter) in enumerate(DELIMITERS.items()):
        for place in PLACES:
            for column in (0, 2, 4):
                lines = text_lines(plain(seed), delimiter)
                row = lines[place + 1].split(delimiter)
                opened = delimiter.join([*row[:column], '"' + row[column], *row[column + 1 :]])
                data = joined([*lines[: place + 1], opened, *lines[place + 2 :]]).encode()
                yield Case(f"open quote {place} {column} {name}", data, line=place + 2, reason="never closes")
                after = delimiter.join([*row[:column], f'"{row[column]}" x', *row[column + 1 :]])
                data = joined([*lines[: place + 1], after, *lines[place + 2 :]]).encode()
                yield Case(
                    f"after quote {place} {column} {name}", data, line=place + 2, reason="follows a closing quote"
                )
        cells = plain(seed)
        cells[3][3] = 'one "word" inside'
        lines = text_lines(cells, delimiter)
        lines[3] = delimiter.join(cells[3])
        yield Case(f"loose quote {name}", joined(lines).encode(), truth=truth_of(cells))
        lines = text_lines(plain(seed), delimiter)
        lines[2] = lines[2].rpartition(delimiter)[0] + delimiter + '"two\nlines'
        yield Case(f"late open quote {name}", joined(lines[:3]).encode(), line=3, reason="never closes")


def embedded_line_ends() -> Iterator[Case]:
    for seed, (name, delimiter) in enumerate(DELIMITERS.items()):
        for place in PLACES:
            for inner in ("\n", "\r\n", "\r", "\n\n", "\n" + MARK):
                cells = plain(seed)
                cells[place + 1][3] = f"first{inner}second"
                extra = len(inner.replace("\r\n", "\n").replace(MARK, ""))
                rows = {n + 2 + (extra if n > place else 0): tuple(row) for n, row in enumerate(cells[1:])}
                notes = (("line end in a cell", place + 2),)
                data = joined(text_lines(cells, delimiter), "\r\n").encode()
                yield Case(f"embedded {inner!r} {place} {name}", data, truth=Truth(tuple(cells[0]), rows), notes=notes)


def bytes_that_are_no_text() -> Iterator[Case]:
    for place in PLACES:
        for name, bad in {
            "NUL": b"\0",
            "0xff": b"\xff",
            "cut": b"\xe6\xb8",
            "surrogate": b"\xed\xa0\x80",
            "esc": b"\x1b",
        }.items():
            lines = [line.encode() for line in text_lines(plain(place))]
            lines[place + 1] += bad
            data = b"\n".join(lines) + b"\n"
            yield Case(f"bytes {name} {place}", data, line=place + 2, reason="the encoding is not known")
            reason = {"NUL": "U+0000", "esc": ""}.get(name, "utf-8")
            if name != "esc":
                options = {"encoding": "utf-8"}
                yield Case(f"declared bytes {name} {place}", data, options=options, line=place + 2, reason=reason)
        cells = plain(place)
        cells[place + 1][4] += "\x1b"
        notes, data = (("invisible", place + 2),), joined(text_lines(cells)).encode()
        yield Case(f"escape sign {place}", data, options={"encoding": "utf-8"}, truth=truth_of(cells), notes=notes)
    for encoding in ("gb18030", "big5", "cp1252", "cp1250", "shift_jis", "utf-16-le", "euc_kr", "hz"):
        cells = plain(1)
        text = {"cp1252": "où", "cp1250": "žena", "big5": "溫州", "shift_jis": "です", "euc_kr": "가나"}.get(
            encoding, "温州"
        )
        cells = [[cell.replace("温州", text) for cell in row] for row in cells]
        data = joined(text_lines(cells)).encode(encoding)
        yield Case(f"undeclared {encoding}", data, reason="encoding is not known")
        yield Case(f"declared {encoding}", data, options={"encoding": encoding}, truth=truth_of(cells))
        wrong = {"encoding": "no such encoding"}
        yield Case(f"no encoding {encoding}", data, options=wrong, line=None, reason="not an encoding of text")


def marks_and_repeats() -> Iterator[Case]:
    for seed, (name, delimiter) in enumerate(DELIMITERS.items()):
        for place in PLACES:
            cells = plain(seed)
            lines = text_lines(cells, delimiter)
            at = place + 1
            marked = [*lines[:at], MARK + lines[at], *lines[at + 1 :]]
            notes = (("mark", at + 1),)
            yield Case(f"mark {place} {name}", joined(marked).encode(), truth=truth_of(cells), notes=notes)
            rows = {n + 2 + (n >= place): tuple(row) for n, row in enumerate(cells[1:])}
            truth = Truth(tuple(cells[0]), rows)
            twice = [*lines[:at], MARK + lines[0], *lines[at:]]
            notes = (("mark", at + 1), ("repeated header", at + 1))
            yield Case(f"two files {place} {name}", joined(twice).encode(), truth=truth, notes=notes)
            again = [*lines[:at], lines[0], *lines[at:]]
            notes = (("repeated header", at + 1),)
            yield Case(f"header again {place} {name}", joined(again).encode(), truth=truth, notes=notes)
            glued = [*lines[:at], lines[at] + MARK + lines[0], *lines[at + 1 :]]
            yield Case(f"glued files {place} {name}", joined(glued).encode(), line=at + 1, reason="has 9 cells")
            for kind, blank in {
                "blank": "",
                "empty cells": delimiter * 4,
                "quoted blanks": delimiter.join(['""'] * 5),
            }.items():
                notes = (("blank row", at + 1),)
                data = joined([*lines[:at], blank, *lines[at:]]).encode()
                yield Case(f"{kind} {place} {name}", data, truth=truth, notes=notes)
        data = ("\n\n" + joined(lines)).encode()
        yield Case(f"blank before {name}", data, truth=truth_of(cells, 4), notes=(("blank row", 1),))
        inner = plain(seed)
        inner[4][2] = f"in{MARK}visible"
        data = joined(text_lines(inner, delimiter)).encode()
        yield Case(f"mark in a cell {name}", data, truth=truth_of(inner), notes=(("invisible", 5),))
        mixed = "".join(line + end for line, end in zip(lines, ["\r\n", "\n", "\r"] * 9, strict=False))
        yield Case(f"mixed ends {name}", mixed.encode(), truth=truth_of(cells), notes=(("mixed line ends", 0),))
        yield Case(f"no last end {name}", "\n".join(lines).encode(), truth=truth_of(cells), notes=(("unended", 13),))


def headers() -> Iterator[Case]:
    for seed, (name, delimiter) in enumerate(DELIMITERS.items()):
        cells = plain(seed)
        lines = text_lines(cells, delimiter)
        for place in (1, 2, 4):
            twice = [[*cells[0][:place], cells[0][0], *cells[0][place + 1 :]], *cells[1:]]
            data = joined(text_lines(twice, delimiter)).encode()
            yield Case(f"header twice {place} {name}", data, line=1, reason="stands in columns 1 and")
            unnamed = [[*cells[0][:place], "", *cells[0][place + 1 :]], *cells[1:]]
            data = joined(text_lines(unnamed, delimiter)).encode()
            yield Case(
                f"no header {place} {name}",
                data,
                line=2,
                reason=f"column {place + 1} has content, but its header is empty",
            )
            late = [[*row[:place], "" if n < 8 else row[place], *row[place + 1 :]] for n, row in enumerate(unnamed)]
            data = joined(text_lines(late, delimiter)).encode()
            yield Case(
                f"no header late {place} {name}",
                data,
                line=9,
                reason=f"column {place + 1} has content, but its header is empty",
            )
            gap = [[*row[:place], "", *row[place:]] for row in cells]
            data, notes = joined(text_lines(gap, delimiter)).encode(), (("empty column", 0),)
            yield Case(f"empty column {place} {name}", data, truth=truth_of(cells), notes=notes)
        both = joined([line + delimiter for line in lines]).encode()
        yield Case(f"delimiter at all ends {name}", both, truth=truth_of(cells), notes=(("empty column", 0),))
        below = joined([lines[0], *(line + delimiter for line in lines[1:])]).encode()
        yield Case(f"delimiter at row ends {name}", below, truth=truth_of(cells), notes=(("trailing delimiter", 2),))
        for place in PLACES:
            some = [line + delimiter * (n != place + 1) for n, line in enumerate(lines)]
            data, line = joined([lines[0], *some[1:]]).encode(), 3 if place == 0 else place + 2
            yield Case(f"delimiter at most ends {place} {name}", data, line=line, reason="cells where")
        yield Case(f"title {name}", ("Survey 2019\n" + joined(lines)).encode(), line=2, reason="where 1 are expected")
        yield Case(
            f"header only {name}", joined(lines[:1]).encode(), truth=Truth(tuple(cells[0]), {}), notes=(("no rows", 0),)
        )
        spaced = [[f" {cells[0][0]} ", *cells[0][1:]], *cells[1:]]
        data = joined(text_lines(spaced, delimiter)).encode()
        yield Case(f"spaces in a header {name}", data, truth=truth_of(spaced), notes=(("header", 1),))
        said = f"sep={delimiter}\n" + joined(lines)
        yield Case(f"sep {name}", said.encode(), truth=truth_of(cells, 3))
        yield Case(f"marked sep {name}", (MARK + said).encode(), truth=truth_of(cells, 3))
        wrong = {"delimiter": "," if delimiter != "," else ";"}
        yield Case(f"sep against {name}", said.encode(), options=wrong, line=1, reason="as the delimiter, not")


def one_of_a_kind() -> Iterator[Case]:
    both = "a,b;c\n1,2;3\n4,5;6\n"
    yield Case(
        "two delimiters fit", both.encode(), line=1, reason="comma fits every line and semicolon fits every line"
    )
    yield Case(
        "two, but said",
        both.encode(),
        options={"delimiter": ";"},
        truth=Truth(("a,b", "c"), {2: ("1,2", "3"), 3: ("4,5", "6")}),
    )
    rival = "a,b;c\n1,2;3\n4,5;6\n7,8\n"
    yield Case("one fits until late", rival.encode(), line=4, reason="semicolon fits up to line 4")
    yield Case("one column", b"code\nfr0001\nfr0002\n", truth=Truth(("code",), {2: ("fr0001",), 3: ("fr0002",)}))
    yield Case("one column, a comma", b"remarks\nno\nyes, but\n", line=3, reason="has 2 cells where 1")
    yield Case(
        "a delimiter of two signs", b"a,b\n1,2\n", options={"delimiter": ",,"}, line=0, reason="cannot be a delimiter"
    )
    wide = [[f"q{n}" for n in range(2_000)], [str(n) for n in range(2_000)]]
    yield Case("wide", joined(text_lines(wide)).encode(), truth=truth_of(wide))
    apostrophes = [["'a'", "'b'"], ["'1'", "'2'"]]
    yield Case(
        "apostrophes",
        joined(text_lines(apostrophes)).encode(),
        truth=truth_of(apostrophes),
        notes=(("apostrophes", 1),),
    )
    for place in PLACES:
        cells = plain(1)
        cells[place + 1][3] = "long " * 40_000
        yield Case(
            f"endless cell {place}", joined(text_lines(cells)).encode(), line=place + 2, reason="more than 131,072"
        )
    for name, data in {
        "empty": b"",
        "mark only": b"\xef\xbb\xbf",
        "line ends only": b"\n\n\n",
        "delimiters only": b",,,\n,,,\n",
    }.items():
        yield Case(f"nothing: {name}", data, line=0, reason="")


def missing_codes() -> Iterator[Case]:
    for code in CODES:
        for place in PLACES:
            cells = plain(place)
            cells[place + 1][2] = code
            data = joined(text_lines(cells)).encode()
            notes = (("looks missing", place + 2),)
            yield Case(f"looks missing {code} {place}", data, truth=truth_of(cells), notes=notes)


def other_formats() -> Iterator[Case]:
    web = b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>"
    kinds = {
        "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook"),
        "encrypted": (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        "gzip": (b"\x1f\x8b\x08\0" + bytes(20), "archive"),
        "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(20), "archive"),
        "tar": (bytes(0) + b"a" * 257 + b"ustar\0" + bytes(200), "archive"),
        "html": (web, "web page"),
        "html below blanks": (b"\xef\xbb\xbf\n  " + web, "web page"),
        "html table": (b"<table><tr><td>1,2</td></tr></table>", "web page"),
        "xml": (b"<?xml version='1.0'?><Workbook/>", "XML"),
        "pdf": (b"%PDF-1.4\n1,2\n", "PDF"),
        "png": (b"\x89PNG\r\n\x1a\n", "picture"),
        "rtf": (b"{\\rtf1 a,b}", "RTF"),
        "sqlite": (b"SQLite format 3\0" + bytes(90), "SQLite"),
        "parquet": (b"PAR1" + bytes(90), "Parquet"),
        "spss": (b"$FL2@(#) SPSS", "SPSS"),
        "stata": (b"<stata_dta><header>", "Stata"),
        "json": (b'[{"a": 1, "b": 2}]', "JSON"),
        "json lines": (b'{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', "JSON"),
        "xlsb": (zipped({"xl/workbook.bin": "x"}), "binary Excel workbook"),
        "ods": (
            zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
            "OpenDocument",
        ),
        "docx": (zipped({"word/document.xml": "<a/>"}), "Word document"),
        "zip": (zipped({"table.csv": "a,b\n1,2\n"}), "zip archive"),
    }
    for name, (data, reason) in kinds.items():
        for file in ("table.csv", "table.xlsx"):
            yield Case(f"{name} as {file}", data, file, line=1, reason=reason)
    yield Case("workbook as csv", workbook([["a"], ["1"]]), line=1, reason="it is an Excel workbook")
    yield Case("csv as workbook", b"a,b\n1,2\n", "table.xlsx", line=0, reason="not a workbook")
    for suffix in (".xls", ".ods", ".dta", ""):
        yield Case(f"suffix {suffix}", b"a,b\n1,2\n", f"table{suffix}", line=0, reason="tables are read from")


def chance_damage() -> Iterator[Case]:
    """Bytes changed by chance, and files cut short."""
    draw = random.Random(SEED)
    intact = joined(text_lines(table(3))).encode()
    for n in range(60):
        data = bytearray(intact)
        for _ in range(n % 3 + 1):
            data[draw.randrange(len(data))] = draw.choice(b',;"\n\r\0\xff\xe6 a')
        yield Case(f"damaged text {n}", bytes(data), options={"delimiter": ","}, intact=bytes(data))
    for n in range(20):
        data = intact[: draw.randrange(80, len(intact))]
        yield Case(f"cut text {n}", data, options={"delimiter": ","}, intact=data)
    book = workbook(plain(3))
    for n in range(40):
        data = bytearray(book)
        for _ in range(n % 3 + 1):
            data[draw.randrange(len(data))] = draw.randrange(256)
        yield Case(f"damaged workbook {n}", bytes(data), "table.xlsx", intact=book)
    for n in range(20):
        yield Case(f"cut workbook {n}", book[: draw.randrange(4, len(book))], "table.xlsx", line=0, reason="")


@dataclass(frozen=True)
class Cell:
    """A cell as its XML: what is inside, its type, its style."""

    inside: str
    type: str = "n"
    style: int = 0


FORMATS = (0, 14, 22, 21, 46, 9, 164, 165, 31, 32)
PADDED = ("00000", '[$-804]yyyy"年"m"月"d"日"')
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def letters(number: int) -> str:
    return chr(64 + number) if number <= 26 else letters((number - 1) // 26) + letters((number - 1) % 26 + 1)


def cell_xml(cell: str | Cell, place: str) -> str:
    if isinstance(cell, Cell):
        return f'<c r="{place}" t="{cell.type}" s="{cell.style}">{cell.inside}</c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' if cell else ""


def row_xml(row: list[str | Cell], number: int, more: str = "") -> str:
    inside = "".join(cell_xml(cell, f"{letters(n)}{number}") for n, cell in enumerate(row, 1))
    return f'<row r="{number}"{more}>{inside}</row>'


_MADE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_MADE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_MADE}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_MADE}.styles+xml"/></Types>'
)


def parts_of(
    rows: str,
    *,
    after: str = "",
    before: str = "",
    flags: str = "",
    shared: str = "",
    space: str = MAIN,
    sheets: str = "",
) -> dict[str, str]:
    """The parts of a workbook with one sheet, or more when `sheets` lists them."""
    custom = "".join(f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code)}"/>' for n, code in enumerate(PADDED))
    styles = "".join(f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0"/>' for number in FORMATS)
    listed = sheets or '<sheet name="data" sheetId="1" r:id="r1"/>'
    relation = f'<Relationship Id="{{}}" Type="{LINKS}/{{}}" Target="{{}}"/>'
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">{relation.format("r1", "officeDocument", "xl/workbook.xml")}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{LINKS}">{flags}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relation.format("r1", "worksheet", "worksheets/sheet1.xml")}'
        f"{relation.format('r2', 'worksheet', '/xl/worksheets/sheet2.xml')}{relation.format('r3', 'styles', 'styles.xml')}"
        f"{relation.format('r4', 'sharedStrings', 'sharedStrings.xml')}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{space}"><numFmts>{custom}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{space}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{space}"><sheetData>{row_xml(["other"], 1)}{row_xml(["2"], 2)}</sheetData></worksheet>',
    }


def zipped(parts: dict[str, str | bytes], level: int = 6) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED, level)
    return buffer.getvalue()


def workbook(cells: list[list[str | Cell]], **more: str) -> bytes:
    rows = "".join(row_xml(row, number) for number, row in enumerate(cells, 1))
    return zipped(parts_of(rows, **more))


def with_cell(cell: str | Cell, place: int, column: int = 2) -> list[list[str | Cell]]:
    cells: list[list[str | Cell]] = [list(row) for row in plain(place)]
    cells[place + 1][column] = cell
    return cells


V = "<v>{}</v>"
READ_AS = {
    "whole": (Cell("<v>42</v>"), "42", ""),
    "exponent": (Cell("<v>1E5</v>"), "100000", ""),
    "small": (Cell("<v>9.9999999999999995E-8</v>"), "0.0000001", ""),
    "seventeen digits": (Cell("<v>1.1000000000000001</v>"), "1.1", ""),
    "sum": (Cell("<v>0.30000000000000004</v>"), "0.30000000000000004", ""),
    "fifteen digits": (Cell("<v>123456789012345</v>"), "123456789012345", ""),
    "negative": (Cell("<v>-99</v>"), "-99", "looks missing"),
    "trailing zero": (Cell("<v>5.0</v>"), "5", ""),
    "true": (Cell("<v>1</v>", "b"), "TRUE", "boolean"),
    "false": (Cell("<v>0</v>", "b"), "FALSE", "boolean"),
    "error": (Cell("<v>#REF!</v>", "e"), "#REF!", "error value"),
    "not available": (Cell("<v>#N/A</v>", "e"), "#N/A", "error value"),
    "formula": (Cell("<f>1+1</f><v>2</v>"), "2", "formula"),
    "formula of text": (Cell("<f>A1</f><v>yes</v>", "str"), "yes", "formula"),
    "formula of nothing": (Cell("<f>A1</f><v></v>", "str"), "", "formula"),
    "formula with an error": (Cell("<f>1/0</f><v>#DIV/0!</v>", "e"), "#DIV/0!", "error value"),
    "ISO date": (Cell("<v>2019-03-05</v>", "d"), "2019-03-05", "dates"),
    "date": (Cell("<v>43529</v>", style=1), "2019-03-05", "dates"),
    "day 1": (Cell("<v>1</v>", style=1), "1900-01-01", "dates"),
    "day 59": (Cell("<v>59</v>", style=1), "1900-02-28", "dates"),
    "day 61": (Cell("<v>61</v>", style=1), "1900-03-01", "dates"),
    "date and time": (Cell("<v>43529.5</v>", style=2), "2019-03-05T12:00:00", "dates"),
    "hidden time": (Cell("<v>43529.25</v>", style=1), "2019-03-05T06:00:00", "dates"),
    "time": (Cell("<v>0.75</v>", style=3), "18:00:00", "dates"),
    "duration": (Cell("<v>1.5</v>", style=4), "36:00:00", "dates"),
    "percent": (Cell("<v>0.25</v>", style=5), "0.25", "percent"),
    "padded": (Cell("<v>123</v>", style=6), "00123", "leading zeros"),
    "Chinese date": (Cell("<v>43529</v>", style=7), "2019-03-05", "dates"),
    "built-in Chinese date": (Cell("<v>43529</v>", style=8), "2019-03-05", "dates"),
    "built-in Chinese time": (Cell("<v>0.5</v>", style=9), "12:00:00", "dates"),
    "number as text": ("1234", "1234", "number as text"),
    "spaces": ("  kept  ", "  kept  ", ""),
    "escaped end": ("one_x000D_two", "one\rtwo", ""),
    "escaped escape": ("_x005F_x000D_", "_x000D_", ""),
    "escaped surrogate": ("_xD800_", "_xD800_", ""),
    "runs": (Cell("<is><r><t>a</t></r><r><t>b</t></r><rPh sb='0' eb='1'><t>no</t></rPh></is>", "inlineStr"), "ab", ""),
    "shared": (Cell("<v>0</v>", "s"), "shared 共享", ""),
    "shared runs": (Cell("<v>1</v>", "s"), "one two", ""),
    "comment inside": (Cell("<!-- x --><v>7</v>"), "7", ""),
    "nothing": (Cell(""), "", ""),
    "empty number": (Cell("<v></v>"), "", ""),
}
SHARED = "<si><t>shared 共享</t></si><si><r><t>one </t></r><r><t>two</t></r><rPh sb='0' eb='1'><t>no</t></rPh></si>"
REFUSED_CELLS = {
    "sixteen digits": (Cell("<v>1234567890123456</v>"), "longer than the 15 digits"),
    "identity number": (Cell("<v>3.3010219800101E+17</v>"), "longer than the 15 digits"),
    "no number": (Cell("<v>abc</v>"), "a cell is damaged"),
    "not a number": (Cell("<v>NaN</v>"), "a cell is damaged"),
    "infinite": (Cell("<v>INF</v>"), "a cell is damaged"),
    "shared out of range": (Cell("<v>9</v>", "s"), "a cell is damaged"),
    "shared text": (Cell("<v>x</v>", "s"), "a cell is damaged"),
    "uncalculated": (Cell("<f>1+1</f>"), "never been calculated"),
    "uncalculated, with an empty value": (Cell("<f>1+1</f><v></v>"), "never been calculated"),
    "bad truth": (Cell("<v>maybe</v>", "b"), "a cell is damaged"),
    "day after": (Cell("<v>2958466</v>", style=1), "there is no such day"),
    "NUL": ("a_x0000_b", "U+0000"),
}


def cells_of_workbooks() -> Iterator[Case]:
    for name, (cell, text, note) in READ_AS.items():
        for place in PLACES:
            cells = with_cell(cell, place)
            truth = truth_of([[text if value is cell else str(value) for value in row] for row in cells])
            notes = ((note, place + 2),) if note else ()
            if name == "padded":
                notes = (("leading zeros", place + 2),)
            yield Case(f"cell {name} {place}", workbook(cells, shared=SHARED), "table.xlsx", truth=truth, notes=notes)
    for name, (cell, reason) in REFUSED_CELLS.items():
        for place in PLACES:
            data = workbook(with_cell(cell, place), shared=SHARED)
            yield Case(f"refused cell {name} {place}", data, "table.xlsx", line=place + 2, reason=reason)
    for serial, text in {"42067": "2019-03-05", "60": "1904-03-01"}.items():
        cells = with_cell(Cell(V.format(serial), style=1), 3)
        truth = truth_of([[text if isinstance(value, Cell) else value for value in row] for row in cells])
        for flag in ("1", "true"):
            data = workbook(cells, flags=f'<workbookPr date1904="{flag}"/>')
            yield Case(f"1904 {serial} {flag}", data, "table.xlsx", truth=truth, notes=(("dates", 5),))


def sheets_of_workbooks() -> Iterator[Case]:
    cells = plain(2)
    truth, file = truth_of(cells), "table.xlsx"
    lines = [row_xml(row, number) for number, row in enumerate(cells, 1)]
    yield Case("strict", workbook(cells, space=STRICT), file, line=0, reason="Strict Open XML")
    yield Case("no places", zipped(parts_of("".join(lines).replace(' r="', ' x="'))), file, truth=truth)
    for place in PLACES:
        at = place + 1
        hidden = [*lines[:at], row_xml(cells[at], at + 1, ' hidden="1"'), *lines[at + 1 :]]
        yield Case(
            f"hidden row {place}", zipped(parts_of("".join(hidden))), file, truth=truth, notes=(("hidden", at + 1),)
        )
        gap = [*lines[:at], *(row_xml(row, number + 1) for number, row in enumerate(cells[at:], at + 1))]
        rows = {n + 2 + (n >= place): tuple(row) for n, row in enumerate(cells[1:])}
        yield Case(f"missing row {place}", zipped(parts_of("".join(gap))), file, truth=Truth(truth.header, rows))
        blank = [*gap[:at], f'<row r="{at + 1}"><c r="A{at + 1}" s="1"/></row>', *gap[at:]]
        notes = (("blank row", at + 1),)
        yield Case(
            f"blank row {place}", zipped(parts_of("".join(blank))), file, truth=Truth(truth.header, rows), notes=notes
        )
        for name, row in {
            "twice": lines[at - 1],
            "zero": lines[at].replace(f'<row r="{at + 1}"', '<row r="0"'),
            "beyond": lines[at].replace(f'<row r="{at + 1}"', '<row r="1048577"'),
            "no number": lines[at].replace(f'<row r="{at + 1}"', '<row r="x"'),
        }.items():
            data = zipped(parts_of("".join([*lines[:at], row, *lines[at + 1 :]])))
            yield Case(f"row {name} {place}", data, file, line=at, reason="a row with the number")
        row = lines[at].replace(f'r="B{at + 1}"', f'r="A{at + 1}"')
        data = zipped(parts_of("".join([*lines[:at], row, *lines[at + 1 :]])))
        yield Case(f"cell twice {place}", data, file, reason="a cell stands twice")
        longer = [row if n != at else [*row, "more"] for n, row in enumerate(cells)]
        yield Case(f"beyond the header {place}", workbook(longer), file, line=at + 1, reason="has 6 cells where 5")
        for name, merged in {"down": f"A{at + 1}:A{at + 2}", "across": f"B{at + 1}:C{at + 1}"}.items():
            after = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'
            yield Case(f"merged {name} {place}", workbook(cells, after=after), file, line=at + 1, reason="are merged")
    for column in (1, 3, 5):
        twice = [["age" if n + 1 == column else cell for n, cell in enumerate(cells[0])], *cells[1:]]
        data = workbook(twice)
        yield Case(f"workbook header twice {column}", data, file, line=1, reason="stands in columns")
        unnamed = [["" if n + 1 == column else cell for n, cell in enumerate(cells[0])], *cells[1:]]
        line, reason = (2, "has content, but its header is empty") if column < 5 else (2, "has 5 cells where 4")
        yield Case(f"workbook no header {column}", workbook(unnamed), file, line=line, reason=reason)
        before = f'<cols><col min="{column}" max="{column}" hidden="1"/></cols>'
        yield Case(f"hidden column {column}", workbook(cells, before=before), file, truth=truth, notes=(("hidden", 0),))
    groups = [["", "demographic", "", "prostitution", ""], *cells]
    after = '<mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells>'
    for cells_merged in ("A1:A2", "B1:C2"):
        down = f'<mergeCells><mergeCell ref="{cells_merged}"/></mergeCells>'
        yield Case(f"header {cells_merged}", workbook(cells, after=down), file, line=1, reason="merged down to row 2")
    yield Case("one header row of two", workbook(groups, after=after), file, line=2, reason="has 5 cells where 4")
    two = '<sheet name="data" sheetId="1" r:id="r1"/><sheet name="other" sheetId="2" {}r:id="r2"/>'
    for state in ("", 'state="hidden" ', 'state="veryHidden" '):
        data = workbook(cells, sheets=two.format(state))
        yield Case(f"two sheets {state}", data, file, truth=truth, notes=(("other sheet", 0),))
    hidden = '<sheet name="data" sheetId="1" state="hidden" r:id="r1"/>'
    yield Case("all hidden", workbook(cells, sheets=hidden), file, line=0, reason="all its sheets are hidden")
    yield Case("empty sheet", workbook([]), file, line=0, reason="the header row is missing")


def parts_of_workbooks() -> Iterator[Case]:
    file, good = "table.xlsx", parts_of("".join(row_xml(row, n) for n, row in enumerate(plain(2), 1)), shared=SHARED)
    xml = [name for name in good if name not in ("[Content_Types].xml", "_rels/.rels", "xl/worksheets/sheet2.xml")]
    doctype = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY b "&a;&a;">]>'
    for name in xml:
        for kind, change in {
            "entities": lambda text: doctype + text,
            "cut": lambda text: text[: len(text) * 2 // 3],
            "no XML": lambda text: "no XML, but " + text,
            "an unclosed tag": lambda text: text.replace("</", "<", 1),
            "undeclared entity": lambda text: text.replace("</", "&nope;</", 1),
        }.items():
            parts = {**good, name: change(good[name])}
            yield Case(f"{kind} in {name}", zipped(parts), file, line=None, reason="")
        if name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            missing = {key: text for key, text in good.items() if key != name}
            yield Case(f"without {name}", zipped(missing), file, line=None, reason="")
        wide = {**good, name: ('<?xml version="1.0" encoding="utf-16"?>' + good[name]).encode("utf-16")}
        if name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
            yield Case(f"utf-16 {name}", zipped(wide), file, line=0, reason="not in UTF-8")
    for name, more in {
        "traversal": {"../evil.xml": "x"},
        "inner archive": {"xl/inner.zip": "PK\3\4"},
        "bomb": {"xl/media.bin": bytes(30 << 20)},
    }.items():
        yield Case(f"archive with {name}", zipped({**good, **more}), file, line=0, reason="cannot be read safely")
    sheet = good["xl/worksheets/sheet1.xml"]
    for name, text in {"one row without end": "<c/>" * 5_000_000, "spaces": " " * (20 << 20)}.items():
        endless = sheet.replace("</row>", text + "</row>", 1).encode()
        data = zipped({**good, "xl/worksheets/sheet1.xml": endless}, level=1)
        yield Case(name, data, file, line=0, reason="")


FAMILIES = (
    dialects,
    rows_that_do_not_fit,
    quotes,
    embedded_line_ends,
    bytes_that_are_no_text,
    marks_and_repeats,
    headers,
    one_of_a_kind,
    missing_codes,
    other_formats,
    chance_damage,
    cells_of_workbooks,
    sheets_of_workbooks,
    parts_of_workbooks,
)


def all_cases() -> list[Case]:
    """Every case; the same at every call."""
    return [case for family in FAMILIES for case in family()]
