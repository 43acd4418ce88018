"""Inputs that somebody could send to stop the program, to fill its memory or to mislead whoever reads what it says.

Each is made in an empty folder and gives the words of a command, or the path for a function of the library. Beside it
stands what the program must say: the file, the place where there is one, what is wrong and the fix; or, where the
input can be read soundly, what the report has.
"""

import csv
import io
import json
import os
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from malformed_tables import letters, parts_of
from refi_samples import CODE, SOURCE, archive, guid, selection, source, xml
from test_documents import LATIN, RELATIONS, WORD

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.corpus import Document
from research_lib.coding.storage.store import Store
from research_lib.evidence.new_study import new_study
from research_lib.evidence.tables import TABLES, columns
from research_lib.exchange.refi.identifiers import guid_of
from research_lib.exchange.taguette_database import created
from research_lib.interviews.answers.form_questions import questions_of
from research_lib.interviews.xlsform import COMMON, read_form

DATA = Path(__file__).resolve().parents[1] / "data"
NOBODY, MILLION = 65534, 10**6
BIB = """@book{trial,
  author = {Nobody}, title = {Synthetic}, publisher = {None}, year = {2027}, kind = {data}, informant = {ngo}
}
"""


@dataclass(frozen=True)
class Hostile:
    """One input: how it is made, what must be said of it (a pattern), and how the program ends."""

    name: str
    make: Callable[[Path], list[str]]
    says: str
    code: int = 2
    entry: str = "command"
    user: int = 0


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def sparse(path: Path, start: bytes = b"", size: int = 3 << 30) -> Path:
    """A file of three gigabytes that takes no room on the disk."""
    with path.open("wb") as stream:
        stream.write(start)
        stream.truncate(size)
    return path


def stored(path: Path, parts: dict[str, str | bytes]) -> Path:
    """An archive whose files are not packed, so that the guard against bombs has nothing to say."""
    with zipfile.ZipFile(path, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


# Things in the place of a file

ODD = {
    "pipe": (os.mkfifo, "it is a pipe, not a file; give the file itself"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is a device, not a file; give the file itself"),
    "folder": (lambda path: path.mkdir(), "it is a folder, not a file; give the file itself"),
    "loop of links": (lambda path: path.symlink_to(path.name), r"it cannot be opened \(.*links\); check the path"),
}


def in_the_place_of(
    name: str, words: Callable[[Path], list[str]], *, entry: str = "command", code: int = 2, of: str = ""
) -> Iterator[Hostile]:
    """A pipe, a device, a folder and a circle of links where a file of that name is expected."""
    for kind, (put, says) in ODD.items():

        def make(folder: Path, put: Callable[[Path], object] = put) -> list[str]:
            given = words(folder)
            (folder / name).unlink(missing_ok=True)
            put(folder / name)
            return given

        place = rf"{Path(name).name}"
        yield Hostile(f"{kind} as {of or name}", make, rf"{place}(:| cannot be read:) {says}", code, entry)


# A study of one's own, for `check`


@cache
def empty_study() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    written(new_study(f"{folder.name}/study") / "sources.bib", BIB)
    return folder


def study(folder: Path) -> Path:
    return shutil.copytree(f"{empty_study().name}/study", folder / "study", dirs_exist_ok=True)


def row(table: str, **cells: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([cells.get(each.name, "") for each in columns(TABLES[table])])
    return text.getvalue()


def header(table: str) -> str:
    return ",".join(each.name for each in columns(TABLES[table])) + "\n"


def place(key: str, parent: str = "", **more: str) -> str:
    cells = {"name": "P", "name_fr": "P", "kind": "country", "latitude": "1", "longitude": "1"}
    cells |= {"located_by": "capital", "source": "trial", "id": key, "parent_id": parent}
    return row("places", **cells | more)


def code(key: str, parent: str = "") -> str:
    return row("codebook", id=key, parent_id=parent, name="C", name_fr="C", definition="d", source="trial")


def profile(key: str, broader: str = "") -> str:
    return row("professional_profiles", id=key, broader_id=broader)


def with_table(table: str, *rows: str) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        path = study(folder)
        written(path / f"tables/{table}.csv", header(table) + "".join(rows))
        return ["check", str(path)]

    return make


def with_file(name: str, content: Callable[[], str | bytes]) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        path = study(folder)
        written(path / name, content())
        return ["check", str(path)]

    return make


def swapped(name: str, put: Callable[[Path], object]) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        path = study(folder)
        (path / name).unlink()
        put(path / name)
        return ["check", str(path)]

    return make


def checked(folder: Path) -> list[str]:
    return ["check", str(study(folder))]


HIDDEN = (
    *("\x00", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x85", "\x9b"),
    *("\ufeff", "\ufdd0", "\ufffe", "\uffff", "\U0010ffff", "\u202e", "\u2066", "\U000e0041"),
)
CIRCLES = {
    "a place in itself": ("places", [place("a", "a")], r"places\.csv:2 parent_id: 'a' refers to itself; clear"),
    "two places in one another": (
        "places",
        [place("z"), place("a", "b"), place("b", "a")],
        r"places\.csv:3 parent_id: 'a' refers to itself by way of 'b'; clear or fix",
    ),
    "a circle of 5,000 codes": (
        "codebook",
        [code("c0", "c4999"), *(code(f"c{n}", f"c{n - 1}") for n in range(1, 5_000))],
        r"codebook\.csv:2 parent_id: 'c0' refers to itself by way of .*, …; clear",
    ),
    "circles without end": (
        "codebook",
        [code(f"c{n}", f"c{n}") for n in range(5_000)],
        r"codebook\.csv:21 parent_id: 'c19' refers to itself; clear",
    ),
    "a profile broader than itself": (
        "professional_profiles",
        [profile("a", "b"), profile("b", "c"), profile("c", "b")],
        r"professional_profiles\.csv:3 broader_id: 'b' refers to itself by way of 'c'; clear",
    ),
}


def studies() -> Iterator[Hostile]:
    for name in ("sources.bib", "tables/claims.csv"):
        yield from in_the_place_of(f"study/{name}", checked, code=1)
    for sign in HIDDEN:
        says = rf"places\.csv:2 name: has U\+{ord(sign):04X} as character 3, which nobody sees; take it out"
        yield Hostile(
            f"U+{ord(sign):04X} in a table", with_table("places", place("a", name=f"ab{sign}c")), says, code=1
        )
    for name, (table, rows, says) in CIRCLES.items():
        yield Hostile(name, with_table(table, *rows), says, code=1)
    yield Hostile(
        "a chain of 5,000 codes",
        with_table("codebook", code("c0"), *(code(f"c{n}", f"c{n - 1}") for n in range(1, 5_000))),
        "^0 problems",
        code=0,
    )
    yield from tables_of_studies()
    yield from bibliographies()


def tables_of_studies() -> Iterator[Hostile]:
    claims, places = "tables/claims.csv", "tables/places.csv"
    wide = ",".join(f"c{n}" for n in range(MILLION))
    for name, file, content, says in (
        ("a million columns", claims, lambda: f"{wide}\n", r"claims\.csv:1 its header has 1,000,000 columns.*; check"),
        ("ten million lines", claims, lambda: header("claims") + "\n" * 10**7, r"claims\.csv:102 more than 100 .*; ch"),
        ("rows of one cell", claims, lambda: header("claims") + "x\n" * MILLION, r"claims\.csv:102 more than 100 .*; "),
        (
            "a million rows",
            claims,
            lambda: header("claims") + row("claims") * MILLION,
            r"claims\.csv:200002 .*200,000 ",
        ),
        ("an open quote", claims, lambda: header("claims") + '"' + "x\n" * MILLION, r"claims\.csv:2 .* limit.*; close"),
        ("a cell of 200 kB", places, lambda: header("places") + place("a", name="x" * 200_000), r"csv:2 .*; close"),
        ("half a pair", places, lambda: header("places") + place("a", name="\ud800"), r"places\.csv:2 .*UTF-8; save"),
        ("UTF-16", places, lambda: (header("places") + place("a")).encode("utf-16"), r"places\.csv:1 .*UTF-8; save"),
        ("nothing at all", places, lambda: b"", r"places\.csv:1 id: this column is missing; add it"),
        (
            "a line end in an id",
            places,
            lambda: header("places") + place("a\n"),
            r"places\.csv:2 id: 'a\\n' has a line",
        ),
        ("a long key", places, lambda: header("places") + place("a", "x" * 9_000), r"csv:2 parent_id: 'x{60}…' st"),
        (
            "a screen's command",
            places,
            lambda: "\x1b[2J," + header("places"),
            r"places\.csv:1 \\x1b\[2J: is not a column",
        ),
    ):
        yield Hostile(f"{name} in a table", with_file(file, content), says, code=1)
    number = row("provisions", id="a", value="9" * 400)
    yield Hostile("a number of 400 digits", with_table("provisions", number), r"csv:2 value: '9{60}…' is not", code=1)
    references = place("a", source=";".join(["zz"] * 12_000))
    yield Hostile("12,000 references", with_table("places", references), r"csv:2 source: 'zz' is not in .*; add", 1)
    yield Hostile("three gigabytes as a table", swapped(claims, sparse), r"claims\.csv .*bytes, and at most .*; ch", 1)
    yield Hostile("5,000 rows of one id", with_table("places", place("a") * 5_000), r"csv:3 id: 'a' .* line 2; give", 1)
    for name, words in {
        "a file as a study": lambda folder: ["check", str(written(folder / "study", "x"))],
        "no study": lambda folder: ["check", str(folder / "none")],
    }.items():
        yield Hostile(name, words, "is not a study: it has no folder tables/; make one with")


def bibliographies() -> Iterator[Hostile]:
    bomb = ['@string{m0 = "' + "x" * 100 + '"}', *(f"@string{{m{n} = m{n - 1} # m{n - 1}}}" for n in range(1, 60))]
    long = "@string{m = {" + "x" * 10_000 + "}}\n"
    entry = "@inproceedings{%s, author={A}, title={T}, kind={report}, informant={ngo}, booktitle={B}, crossref={%s}}\n"
    title = BIB.replace("Synthetic", "%s")
    unfolded, refused = r"unfold to more than 1,048,576", r"bib(:\d+)? cannot be read as BibTeX: "
    for name, text, says, code in (
        (
            "doubled abbreviations",
            "\n".join([*bomb, BIB.replace("{Synthetic}", "m59")]),
            f"bib:15 .*'m14' .*{unfolded}",
            0,
        ),
        (
            "an abbreviation 90,000 times",
            long + BIB.replace("{Synthetic}", "m" + " # m" * 90_000),
            f"bib:2 .*{unfolded}",
            1,
        ),
        (
            "no brace anywhere",
            "".join(f'@book(k{n}, title="x")\n' for n in range(9_000)),
            r"9000 sources do not say",
            0,
        ),
        ("itself as its crossref", entry % ("a", "a"), r"bib:1 crossref: names the entry itself; ", 0),
        ("no entry as its crossref", entry % ("a", "b"), r"bib:1 crossref: 'b' is no entry of this file", 0),
        (
            "a chain of crossrefs",
            "".join(entry % (f"a{n}", f"a{n + 1}") for n in range(1_000)),
            r"more than 10 entries",
            0,
        ),
        ("braces 5,000 deep", title % ("{" * 5_000 + "}" * 5_000), r"^0 problems", 0),
        ("commands 5,000 deep", title % (r"\emph{" * 2_000 + "}" * 2_000), r"bib:1 .*nested too deep; fix it", 1),
        ("an open brace", title % "{", rf"{refused}it has no end; fix its braces", 1),
        ("200,000 commands", "@a{" * 200_000, rf"{refused}it has more than 100,000 entries; ", 1),
        ("20,000 authors", BIB.replace("Nobody", " and ".join(["A B"] * 20_000)), r"^0 problems", 0),
        ("a name of 18,000 letters", BIB.replace("Nobody", "a " * 9_000), r"bib:1 a name has more than 500 .*; sep", 1),
        ("names in 6,000 braces", BIB.replace("Nobody", "{a}" * 6_000), r"bib:1 a name has more than 500 .*; sep", 1),
        ("a title of two megabytes", title % ("x " * MILLION), r"bib:1 its field title has more than .*; shorten", 1),
        ("a key twice", BIB * 2, r"bib:4 'trial' stands here a second time .* say the same", 0),
        (
            "a key twice, otherwise",
            BIB + BIB.replace("Nobody", "Else"),
            r"bib:4 'trial' stands twice and differs .*; ren",
            0,
        ),
        ("a hidden sign", title % "A\x00B\u202e", r"bib:1 title: has characters that nobody sees; they are left", 0),
        (
            "an unknown abbreviation",
            BIB.replace("{Synthetic}", "nope"),
            r"bib:2 'nope' is no abbreviation .*written as",
            0,
        ),
    ):
        yield Hostile(f"{name} in a bibliography", with_file("sources.bib", lambda text=text: text), says, code=code)
    utf16 = with_file("sources.bib", lambda: BIB.encode("utf-16"))
    yield Hostile("a bibliography in UTF-16", utf16, r"^0 problems", code=0)
    blind = with_file("sources.bib", lambda: BIB.encode("utf-16-le"))
    yield Hostile(
        "a bibliography in UTF-16 without a mark", blind, r"bib:1 cannot be read: .*; save it as UTF-8", code=1
    )
    yield Hostile("three gigabytes as a bibliography", swapped("sources.bib", sparse), r"bib cannot .*at most .*; ", 1)


# Answers, for `import` and `survey`


@cache
def asked(form: str) -> tuple[str, ...]:
    found = questions_of(read_form(COMMON / f"{form}.csv")).values()
    return tuple(question.name for question in found if question.kind != "note")


def record(number: int = 1, *, form: str = "interview", **cells: str) -> dict[str, str]:
    known = {"case_code": f"zz{number:04}", "source_id": "int", "consent": "yes", "consent_scope": "this_study"}
    return dict.fromkeys(asked(form), "") | known | {"legal_basis": "consent"} | cells


def table(*records: dict[str, str], more: dict[str, str] | None = None) -> str:
    text, more = io.StringIO(), more or {}
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*records[0], *more])
    writer.writerows([*each.values(), *more.values()] for each in records)
    return text.getvalue()


def importing(folder: Path, *files: Path | str, more: tuple[str, ...] = ()) -> list[str]:
    return ["import", str(folder / "study"), *map(str, files), "--retention", "2031-12-31", *more]


def as_export(content: Callable[[], str | bytes], name: str = "export.csv", *more: str) -> Callable[[Path], list[str]]:
    return lambda folder: importing(folder, written(folder / name, content()), more=more)


def said(text: str) -> Callable[[Path], list[str]]:
    """A record in which a person has typed something."""
    return as_export(lambda: table(record(remarks_gate="answered", remarks=text)))


WIDE = {
    "a million columns": (lambda: ",".join(f"c{n}" for n in range(MILLION)) + "\n" + "," * (MILLION - 1), "1,000,000"),
    "40,000 columns": (lambda: table(record(), more=dict.fromkeys(map("c{}".format, range(40_000)), "")), r"40,\d+"),
    "100,000 semicolons": (lambda: ";".join(f"c{n}" for n in range(100_000)) + "\n", "100,000"),
}
CATASTROPHES = {
    "colons after a name of an account": "微信" + ":" * 5_000 + "!",
    "words after a name of an account": "微信" + " : id" * 5_000 + "!",
    "one account after another": "-wx" * 40_000,
    "spaces in an account": "v" + " " * 100_000 + "x",
    "addresses without an end": "a at " + "a." * 50_000,
    "many addresses without an end": "a at a " * 15_000,
    "words of telephones": "tel" * 40_000,
    "an IBAN without an end": "FR76 " + "AAAA " * 20_000,
    "signs that become many": "\ufdfa" * 10_000,
}


def exports() -> Iterator[Hostile]:
    yield from tables_of_answers()
    for name, text in CATASTROPHES.items():
        yield Hostile(name, said(text), "1 records read, 1 taken", code=0)
    yield Hostile("60,000 numbers", said("1 " * 60_000), r"export\.csv:2 remarks: telephone number")
    yield Hostile("a text that turns around", said("a\u202eb"), r"invisible character U\+202E is kept .*line 2", code=0)
    for suffix in (".csv", ".xlsx", ".zip"):
        yield from in_the_place_of(f"export{suffix}", lambda f, s=suffix: importing(f, f / f"export{s}"))
    yield from in_the_place_of(
        "partner.csv",
        lambda folder: importing(
            folder, written(folder / "export.csv", table(record())), more=("--partner", str(folder / "partner.csv"))
        ),
        of="the form of an export",
    )
    for name, relevant in {
        "brackets 2,000 deep": "(" * 2_000 + YES + ")" * 2_000,
        "brackets that stay open": YES + " and " + "(" * 5_000,
        "not 2,000 times": "not(" * 2_000 + YES + ")" * 2_000,
        "5,000 conditions": " or ".join([YES] * 5_000),
    }.items():
        yield Hostile(
            f"{name} in the form of an export",
            lambda folder, relevant=relevant: with_partner(folder, if_only(relevant)()),
            r"xp_q: its skip logic cannot be read: it has more than 10,000 .*; fix the column `relevant`",
        )
    yield from archives()
    yield from workbooks()
    yield Hostile(
        "a file that may not be read",
        lambda folder: importing(folder, locked(written(folder / "export.csv", table(record())))),
        r"export\.csv' is not.*readable",
        user=NOBODY,
    )


def with_partner(folder: Path, form: str) -> list[str]:
    export = written(folder / "export.csv", table(record(), more={"xp_q": "a"}))
    return importing(folder, export, more=("--partner", str(written(folder / "partner.csv", form))))


def locked(path: Path) -> Path:
    path.chmod(0)
    return path


def tables_of_answers() -> Iterator[Hostile]:
    for name, (content, count) in WIDE.items():
        says = rf"export\.csv, line 1: it has {count} columns, more than the 16,384 of a sheet; export the columns"
        yield Hostile(name, as_export(content), says)
    unknown = {f"c{n}": "" for n in range(8_000)}
    near = {f"reason_prostitution_{n}": "" for n in range(8_000)}
    yield Hostile(
        "8,000 unknown columns",
        as_export(lambda: table(record(), more=unknown)),
        r"export\.csv:1 it is .* another form.*; g",
    )
    yield Hostile("8,000 near columns", as_export(lambda: table(record(), more=near)), r"8000 do not\); give the")
    dropped = {f"telephone_{n}": "x" for n in range(2_000)}
    yield Hostile(
        "2,000 telephones", as_export(lambda: table(record(), more=dropped)), r"\(telephone\), 1 cells", code=0
    )
    wrong = [record(n, country_code=f"x{n}" * 20) for n in range(5_000)]
    yield Hostile(
        "5,000 wrong answers",
        as_export(lambda: table(*wrong)),
        r"csv:2 country_code: .* not choices of country_code.*; fix",
    )
    many = [record(n, income_use=f"x{n} y") for n in range(5_000)]
    yield Hostile(
        "5,000 wrong choices",
        as_export(lambda: table(*many)),
        r"csv:2 income_use: .* and 4,991 more are not choices of income_use; fix",
    )
    once = [record(1)] * 10_000
    yield Hostile(
        "a case 10,000 times", as_export(lambda: table(*once)), r"sent several times: .* and 9,990 more", code=0
    )
    differing = [record(1, source_id=f"s{n}") for n in range(5_000)]
    yield Hostile(
        "a case in 5,000 ways", as_export(lambda: table(*differing)), r"csv:5001 case_code: .* more\).*; remove"
    )
    commas = "," * (len(asked("interview")) + 1) + "\n"
    for name, content, says in (
        ("five million lines", lambda: table(record()) + "\n" * (5 * MILLION), r"csv, line \d+: .*blank rows; delete"),
        (
            "a million empty rows",
            lambda: table(record()) + commas * MILLION,
            r"csv, line \d+: it has more .*blank.*; de",
        ),
        (
            "an open quote",
            lambda: table(record()) + '"' + "x\n" * MILLION,
            r"csv, line 3: .*a quote may be open; close",
        ),
        ("quotes without end", lambda: "a,b\n" + '"""' * MILLION, r"export\.csv, line 2: .*a quote may be open; close"),
        ("a line of 20 MB", lambda: b"a" * (20 << 20), r"export\.csv, line 1: .* have no line end; export it again"),
        (
            "a second line of 40 MB",
            lambda: b"a,b\n" + b"a" * (40 << 20),
            r"csv, line 2: a line has more than .*; export",
        ),
        (
            "noise",
            lambda: bytes(range(256)) * 40_000,
            r"export\.csv, line \d: the encoding is not known: .*: check that",
        ),
        (
            "brackets 60,000 deep",
            lambda: "[" * 60_000,
            r"export\.csv, line 1: the header '\[{60}…' has 60,000 .*; write",
        ),
        (
            "a header of 100,000 letters",
            lambda: "x" * 100_000,
            r"csv, line 1: the header 'x{60}…' has 100,000 .*; write",
        ),
        ("a line end in a code", lambda: table(record(case_code="zz0001\n")), r"export\.csv:2 case_code: .*; fix"),
        (
            "U+FFFE in an answer",
            lambda: table(record(remarks="\ufffe")),
            r"csv, line 2: the character U\+FFFE .*; export",
        ),
    ):
        yield Hostile(f"{name} in an export", as_export(content), says)
    yield Hostile("nobody agrees", as_export(lambda: table(record(consent="no"))), r"1 without consent.*has 0 cases", 0)
    yield Hostile("a header alone", as_export(lambda: table(record()).partition("\n")[0]), "0 records read, 0 taken", 0)
    for name, put, says in (
        (
            "zeros.csv",
            sparse,
            r"zeros\.csv, line 1: its first 16 MB have no line end; export it again",
        ),
        (
            "zeros.xlsx",
            sparse,
            r"zeros\.xlsx: it is not a workbook, but text or damaged; export it again",
        ),
        (
            "zeros.zip",
            sparse,
            r"zeros\.zip: it is not a zip archive, or is cut short; copy or export",
        ),
        (
            "old.xlsx",
            lambda path: sparse(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            r"old\.xlsx.* \(\.xls\).*; open it",
        ),
    ):
        yield Hostile(f"three gigabytes in {name}", lambda f, n=name, p=put: importing(f, p(f / n)), says)
    for encoding, says in {
        "idna": "not an encoding of text",
        "punycode": "it is not punycode",
        "nope": "not an encoding",
    }.items():
        odd = as_export(lambda: b"a,b\n\xff,x\n", "export.csv", "--encoding", encoding)
        yield Hostile(f"the encoding {encoding}", odd, rf"export\.csv, line 2: .*{says}.*; declare encoding=")
    yield Hostile(
        "a name that is no text",
        lambda folder: importing(folder, odd_name(folder)),
        r"1 records read, 1 taken.*ex\\udcffport\.csv: utf-8",
        code=0,
    )
    yield Hostile(
        "a line end in a name",
        as_export(lambda: "x\n1\n", "ex\nport.csv"),
        r"ex\\nport\.csv:1 it is the export of another form.*; give",
    )


def odd_name(folder: Path) -> str:
    """An export whose name is half a character."""
    return os.fsdecode(written(Path(os.fsdecode(os.fsencode(folder) + b"/ex\xffport.csv")), table(record())))


def archives() -> Iterator[Hostile]:
    one = table(record())
    for name, parts, says in (
        ("no table", {"a.txt": "x"}, r"export\.zip: there is no CSV file in it; zip the CSV files"),
        ("300 tables", {f"{n}.csv": one for n in range(300)}, r"export\.zip: it has 300 CSV files.*; check"),
        ("40,000 columns", {"a.csv": WIDE["40,000 columns"][0]()}, r"zip/a\.csv, line 1: it has 40,.*; "),
        ("an empty table", {"a.csv": ""}, r"export\.zip/a\.csv: it is empty; ask for the file again"),
        (
            "a name that turns around",
            {"a\u202eb.csv": one},
            r"member 'a\\u202eb\.csv': its name has control .*; unpack",
        ),
    ):
        yield Hostile(f"{name} in a zip", lambda f, p=parts: importing(f, stored(f / "export.zip", p)), says)


def inline(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{inline("A1", "a")}{inline("B1", "b")}</row>'
SHEET = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"


def book(rows: str, *, changed: dict[str, str] | None = None, **more: str) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        return importing(folder, stored(folder / "export.xlsx", parts_of(rows, **more) | (changed or {})))

    return make


def workbooks() -> Iterator[Hostile]:
    blank = "".join(f'<row r="{n}"/>' for n in range(2, 260_000))
    far = f'<row r="1">{inline("A1")}{inline("XFD1", "y")}</row>' + "".join(
        f'<row r="{n}">{inline(f"XFD{n}")}</row>' for n in range(2, 1_700)
    )
    wide = "".join(
        f'<row r="{n}">' + "".join(inline(f"{letters(c)}{n}", f"c{c}") for c in range(1, 5_001)) for n in (1,)
    )
    wide += "</row>"
    merged = HEAD + f'<row r="2">{inline("A2")}</row>'
    texts = '<row r="1"><c r="A1" t="s"><v>1</v></c></row>' + "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_000)
    )
    shared = f"<sst {SHEET}><si><t>%s</t></si><si><t>h</t></si></sst>"
    second = HEAD + '<row r="2">%s</row>'
    workbook = r"export\.xlsx"
    for name, words, says in (
        ("5,000 columns", book(wide), rf"{workbook}:1 it is the export of another form.*; give"),
        ("cells far out", book(far), rf"{workbook}, line \d+: it has more than 25,000,000 cells .*; remove"),
        ("260,000 blank rows", book(HEAD + blank), rf"{workbook}:1 it is the export of another form.*; give"),
        (
            "merged cells upon one another",
            book(merged, after=f"<mergeCells>{'<mergeCell ref="C2:XFC2"/>' * 150_000}</mergeCells>"),
            rf"{workbook}, line 2: merged cells that begin here lie on one another; unmerge",
        ),
        (
            "300,000 merged cells",
            book(merged, after=f"<mergeCells>{'<mergeCell ref="A9:A9"/>' * 300_000}</mergeCells>"),
            rf"{workbook}: it has more than 200,000 merged cells; unmerge",
        ),
        (
            "a long text in 20,000 cells",
            book(texts, changed={"xl/sharedStrings.xml": shared % ("x" * 5_000_000)}),
            rf"{workbook}, line 2, column 'A': a cell has 5,000,000 characters.*; shorten",
        ),
        (
            "130,000 letters in 20,000 cells",
            book(texts, changed={"xl/sharedStrings.xml": shared % ("x" * 130_000)}),
            rf"{workbook}, line \d+: it has more than 250,000,000 characters .*; remove",
        ),
        (
            "200,000 runs",
            book(second % f'<c r="A2" t="inlineStr"><is>{"<r><t>x</t></r>" * 200_000}</is></c>'),
            "; shorten",
        ),
        (
            "elements 5,000 deep",
            book(second % ("<x>" * 5_000 + "</x>" * 5_000)),
            rf"{workbook}:1 it is the export of .*; give",
        ),
        (
            "400,000 strangers in a row",
            book(second % ("<x/>" * 400_000)),
            rf"{workbook}:1 it is the export of .*; give",
        ),
        ("five million strangers", book(HEAD, after="<x/>" * (5 * MILLION)), rf"{workbook}: its part .*; open it in"),
        (
            "a sheet that is not there",
            book(HEAD, changed={"xl/worksheets/sheet1.xml": ""}),
            rf"{workbook}: it cannot be read safely or whole.*; open it in",
        ),
        (
            "a cell style of 5,000 digits",
            book(second % f'<c r="A2" s="{"9" * 5_000}"><v>1</v></c>'),
            "line 2: a cell is damaged .*; save the",
        ),
        (
            "a shared text of 5,000 digits",
            book(second % f'<c r="A2" t="s"><v>{"9" * 5_000}</v></c>'),
            "line 2: a cell is damaged .*; save the",
        ),
        (
            "a row of 5,000 digits",
            book(HEAD + f'<row r="{"9" * 5_000}"/>'),
            rf"{workbook}, line 2: a cell .*; save the",
        ),
        (
            "a number of five megabytes",
            book(second % f'<c r="A2"><v>{"9" * 5_000_000}</v></c>'),
            "line 2: a cell is damaged .*; save the",
        ),
        (
            "U+0000 in a cell",
            book(second % inline("A2", "_x0000_")),
            rf"{workbook}, line 2, column 'A': U\+0000 .*; take",
        ),
        (
            "U+FFFE in a cell",
            book(second % inline("A2", "_xFFFE_")),
            rf"{workbook}, line 2, column 'A': U\+FFFE .*; take",
        ),
        (
            "250 sheets",
            book(HEAD, sheets="".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="r1"/>' for n in range(250))),
            rf"{workbook}: it has 250 sheets.*; check",
        ),
    ):
        yield Hostile(f"{name} in a workbook", words, says)


def surveyed(folder: Path, *records: dict[str, str], source: str = "trial") -> list[str]:
    export = written(folder / "networks.csv", table(*records))
    return ["survey", str(study(folder)), str(export), "--source", source]


def organisation(**cells: str) -> dict[str, str]:
    return record(form="networks", **cells)


def surveys() -> Iterator[Hostile]:
    published = {"consent_scope": "this_study published_tables"}
    for name, cells, says in (
        ("no consent", {"consent": "no"}, "1 without consent, .*0 answers written into"),
        ("no scope", {"consent_scope": ""}, "1 records read, 0 taken.*0 answers written into"),
        ("no consent to published tables", {}, "1 without consent to published tables, left out.*0 answers written"),
    ):
        yield Hostile(f"a survey with {name}", lambda f, c=cells: surveyed(f, organisation(**c)), says, code=0)
    yield Hostile(
        "a survey without a record",
        lambda folder: [*surveyed(folder, organisation())[:2], str(empty_export(folder)), *GIVEN],
        "0 records read, 0 taken.*0 answers written",
        code=0,
    )
    yield Hostile(
        "a survey of nobody known",
        lambda folder: surveyed(folder, organisation(**published)),
        "has no organisation 'int'; add it to tables/organisations.csv first",
    )
    yield Hostile(
        "a survey as a line of formulas",
        lambda folder: surveyed(folder, organisation(source_id="=1+1", **published)),
        r"networks\.csv:2 source_id: it is not made of .*; fix the code",
    )
    yield from in_the_place_of("networks.csv", lambda folder: surveyed(folder, organisation()))
    for kind, (put, says) in ODD.items():
        yield Hostile(
            f"{kind} as the table of answers",
            lambda folder, put=put: with_odd_table(folder, put, surveyed(folder, organisation())),
            rf"survey_answers\.csv.* {says}|survey_answers\.csv is missing; add it",
        )


GIVEN = ["--source", "trial"]


def empty_export(folder: Path) -> Path:
    return written(folder / "empty.csv", table(organisation()).partition("\n")[0] + "\n")


def with_odd_table(folder: Path, put: Callable[[Path], object], words: list[str]) -> list[str]:
    path = folder / "study/tables/survey_answers.csv"
    path.unlink()
    put(path)
    return words


# A partner's form, for `forms`

LANGUAGES = ("English (en)", "French (fr)", "Italian (it)", "Slovak (sk)", "Chinese (zh)")
LABELS = [f"label::{language}" for language in LANGUAGES]
COLUMNS = ["type", "name", *LABELS, "relevant", "constraint", "calculation", "repeat_count"]
CHOICES = (("xp_l", "dk"), ("xp_l", "refused"), ("xp_l", "a"))
GROUP, END, QUESTION = ("begin_group", "xp_g", "${consent} = 'yes'"), ("end_group", ""), ("select_one xp_l", "xp_q")


def partner(*rows: tuple[str, ...], choices: tuple[tuple[str, str], ...] = CHOICES, prefix: str = "xp_") -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([["survey"], ["", *COLUMNS]])
    for kind, name, *more in rows:
        labels = [""] * 5 if kind.startswith("end") else ["L"] * 5
        writer.writerow(["", kind, name, *labels, *more])
    writer.writerows([["choices"], ["", "list_name", "name", *LABELS]])
    writer.writerows(["", *choice, *["L"] * 5] for choice in choices)
    writer.writerows([["settings"], ["", "prefix", "version"], ["", prefix, "1"]])
    return text.getvalue()


def forming(folder: Path, path: Path) -> list[str]:
    return ["forms", "--to", str(folder / "out"), "--partner", str(path)]


def as_form(content: Callable[[], str | bytes], name: str = "partner.csv") -> Callable[[Path], list[str]]:
    return lambda folder: forming(folder, written(folder / name, content()))


def if_only(relevant: str) -> Callable[[], str]:
    return lambda: partner(GROUP, (*QUESTION, relevant), END)


def nested(depth: int, kind: str = "group") -> Callable[[], str]:
    begun = [(f"begin_{kind}", f"xp_g{n}", "${consent} = 'yes'") for n in range(depth)]
    return lambda: partner(*begun, QUESTION, *[(f"end_{kind}", "")] * depth)


YES = "${consent} = 'yes'"


def forms() -> Iterator[Hostile]:
    deep, simply = (
        "groups lie more than 50 deep in one another; make",
        r"partner\.csv:4 relevant: brackets .*; write it",
    )
    for name, content, says in (
        ("groups 51 deep", nested(51), rf"partner\.csv:53: {deep}"),
        ("groups 2,000 deep", nested(2_000), rf"partner\.csv:53: {deep}"),
        ("repeats 2,000 deep", nested(2_000, "repeat"), rf"partner\.csv:53: {deep}"),
        ("groups 3,000 deep", nested(3_000), deep),
        ("brackets 50,000 deep", if_only("(" * 50_000 + YES + ")" * 50_000), simply),
        ("brackets that stay open", if_only("(" * 100_000), simply),
        ("not 2,000 times", if_only("not(" * 2_000 + YES + ")" * 2_000), simply),
        ("spaces in a name", if_only("${" + " " * 100_000 + "x"), r"partner\.csv: pyxform refuses it: .*; fix"),
        ("names that stay open", if_only("${ " * 40_000), r"partner\.csv: pyxform refuses it: .*; fix"),
        (
            "a long name of a question",
            if_only("${" + "a" * 90_000 + "}"),
            r"pyxform refuses it: partner\.csv:4: .*; fix",
        ),
        (
            "gates without end",
            lambda: partner(GROUP, ("text", "xp_q", "${" + "_gate" * 20_000), END),
            r"pyxform refuses it: partner\.csv:4: .*; fix",
        ),
        (
            "a file of answers from elsewhere",
            lambda: partner(GROUP, ("select_one_from_file ../../etc/passwd", "xp_q"), END),
            r"pyxform refuses it: partner\.csv:4: List name not in choices sheet: .*; fix",
        ),
        ("a prefix of 90,000 letters", lambda: partner(GROUP, QUESTION, END, prefix="a" * 90_000 + "_"), "'a{60}…'"),
        ("U+0001", lambda: partner(GROUP, ("note", "xp_n\x01"), END), r"partner\.csv: .*0x01 at byte .*; say which"),
        (
            "half a pair",
            lambda: partner(GROUP, ("note", "xp_n\ud800"), END),
            r"pyxform refuses it: partner\.csv:4: .*; fix",
        ),
        (
            "400,000 columns",
            lambda: "survey\n," + "label::x," * 400_000,
            r"partner\.csv: Duplicate column header: label::x; mend",
        ),
        (
            "a million rows",
            lambda: partner(*[QUESTION] * 100_000),
            r"partner\.csv:3 type: it stands in no group; begin one",
        ),
        ("30 megabytes", lambda: "survey\n" + "\n" * (30 * MILLION), r"partner\.csv: it has .* bytes, .*; check"),
        ("an open quote", lambda: partner(QUESTION) + '"' + "x" * 200_000, r"partner\.csv:\d+: it is not CSV.*; check"),
        (
            "a sheet twice",
            lambda: partner(GROUP, QUESTION, END) * 2,
            r"partner\.csv:\d+: the sheet 'survey' occurs .*; ",
        ),
        (
            "a sheet of 9,000 letters",
            lambda: "x" * 9_000,
            r"partner\.csv: it has no sheet `survey` with rows; it has 'x{60}…'; add one",
        ),
    ):
        yield Hostile(f"{name} in a form", as_form(content), says, code=0 if says is simply else 2)
    for name, content in {
        "1,000 questions": lambda: partner(GROUP, *[(QUESTION[0], f"xp_q{n}") for n in range(1_000)], END),
        "1,000 choices": lambda: partner(
            GROUP, QUESTION, END, choices=(*CHOICES, *(("xp_l", f"a{n}") for n in range(1_000)))
        ),
        "a question that depends on itself": if_only("${xp_q} = 'a'"),
        "markup as a label": lambda: partner(GROUP, ("note", "xp_n"), END).replace(",L,", ",</label><script>&x;,", 1),
    }.items():
        yield Hostile(f"{name} in a form", as_form(content), r"wrote .*interview\.xml", code=0)
    for name, content, says in (
        ("bars", lambda: "|" * (3 * MILLION), r"partner\.md: it has no sheet `survey` with rows; add one"),
        ("rows of no sheet", lambda: "| | a |\n" * 400_000, r"partner\.md:1: the first column .*; write one of"),
        ("a row that stays open", lambda: "| survey\n", r"partner\.md: it has no sheet `survey` with rows; it has"),
    ):
        yield Hostile(f"{name} in Markdown", as_form(content, "partner.md"), says)
    for suffix in (".csv", ".md", ".xlsx"):
        yield from in_the_place_of(f"partner{suffix}", lambda f, s=suffix: forming(f, f / f"partner{s}"))
    yield Hostile("another suffix", as_form(lambda: "x", "partner.ods"), r"partner\.ods: forms are read from .*; save")
    yield Hostile(
        "three gigabytes", lambda f: forming(f, sparse(f / "partner.csv")), r"partner\.csv: .* bytes, .*; che"
    )
    yield from forms_as_workbooks()


def forms_as_workbooks() -> Iterator[Hostile]:
    row = f'<row r="1">{inline("A1", "type")}{inline("B1", "name")}</row><row r="2">{inline("A2", "note")}</row>'
    for name, more, says in (
        (
            "elements 5,000 deep",
            "<x>" * 5_000 + "</x>" * 5_000,
            r"partner\.xlsx: its settings need a `prefix`",
        ),
        (
            "two million strangers",
            "<x/>" * MILLION,
            r"partner\.xlsx: its settings need a `prefix`",
        ),
        ("300,000 strangers", "<x/>" * 300_000, r"partner\.xlsx: its settings need a `prefix`"),
        (
            "a row far down",
            f'<row r="1048576">{inline("A1048576")}</row>',
            r"partner\.xlsx: its settings need a `prefix`",
        ),
        ("a cell far out", f'<row r="3">{inline("XFD3")}</row>', r"partner\.xlsx: its settings need a `prefix`"),
    ):

        def make(folder: Path, more: str = more) -> list[str]:
            book = openpyxl.Workbook()
            book.active.title = "survey"
            book.save(folder / "partner.xlsx")
            with zipfile.ZipFile(folder / "partner.xlsx") as file:
                parts = {each: file.read(each) for each in file.namelist()}
            sheet = f"<worksheet {SHEET}><sheetData>{row}{more}</sheetData></worksheet>"
            parts["xl/worksheets/sheet1.xml"] = sheet.encode()
            return forming(folder, stored(folder / "partner.xlsx", parts))

        yield Hostile(f"{name} in a form as a workbook", make, says)


# Documents


def word(body: str, main: str = "word/document.xml") -> Callable[[Path], list[str]]:
    text = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    parts = {"_rels/.rels": RELATIONS.format(main), "word/document.xml": text}
    return lambda folder: [str(stored(folder / "talk.docx", parts))]


def objects(*contents: str) -> Callable[[Path], list[str]]:
    """A PDF of these objects, the first of which is its catalogue."""

    def make(folder: Path) -> list[str]:
        data, places = b"%PDF-1.4\n", []
        for number, content in enumerate(contents, 1):
            places.append(len(data))
            data += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
        listed = "".join(f"{at:010} 00000 n \n" for at in places)
        size = len(contents) + 1
        end = f"xref\n0 {size}\n0000000000 65535 f \n{listed}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF"
        return [str(written(folder / "talk.pdf", data + end.encode()))]

    return make


ROOT = "<</Type/Catalog/Pages 2 0 R>>"
KIDS = "<</Type/Pages/Kids[{}]/Count 1>>"
PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<{}>>/Contents 4 0 R>>"
DRAW = "<</Length {}>>stream\n{}\nendstream"
FORM = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream"


def drawn(text: str, resources: str, *more: str) -> Callable[[Path], list[str]]:
    return objects(ROOT, KIDS.format("3 0 R"), PAGE.format(resources), DRAW.format(len(text), text), *more)


def read_as_documents() -> Iterator[Hostile]:
    for suffix in (".txt", ".md", ".docx", ".pdf"):
        yield from in_the_place_of(f"talk{suffix}", lambda f, s=suffix: [str(f / f"talk{s}")], entry="document")
    damaged = r"talk\.pdf, near page 1: it is damaged or unusual \(.+\); open it and save it as PDF again"
    forms_of_forms = [FORM.format(n + 1) for n in range(5, 40)]
    cmap = "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0000> <ffffffff> <0000> endbfrange"
    mapped = "<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 6 0 R>>"
    for name, make, says in (
        ("pages in a circle", objects(ROOT, KIDS.format("2 0 R")), damaged),
        (
            "pages that double",
            objects(ROOT, *(KIDS.format(f"{n} 0 R {n} 0 R") for n in range(3, 40)), "<</Type/Page>>"),
            damaged,
        ),
        (
            "pages 4,000 deep",
            objects(ROOT, *(KIDS.format(f"{n} 0 R") for n in range(3, 4_000)), "<</Type/Page>>"),
            damaged,
        ),
        ("arrays 50,000 deep", objects(ROOT, "[" * 50_000 + "]" * 50_000), damaged),
        (
            "dictionaries 50,000 deep",
            objects(ROOT, "<</a " * 50_000 + ">>" * 50_000),
            r"talk\.pdf: it has no text, its pages are pictures or empty; run OCR",
        ),
        (
            "forms within forms that double",
            drawn("/X Do", "/XObject<</X 5 0 R>>", *forms_of_forms),
            r"talk\.pdf: .*; run OCR",
        ),
        (
            "a form within itself",
            drawn("/X Do", "/XObject<</X 5 0 R>>", FORM.format(5)),
            r"talk\.pdf: it has no text.*; run",
        ),
        (
            "a map of four billion signs",
            drawn("BT /F 9 Tf (abc) Tj ET", "/Font<</F 5 0 R>>", mapped, DRAW.format(len(cmap), cmap), LATIN),
            damaged,
        ),
        ("a header alone", lambda f: [str(written(f / "talk.pdf", "%PDF-1.4\n"))], damaged),
        ("100,000 beginnings", lambda f: [str(written(f / "talk.pdf", "%PDF-1.4\n" + "1 0 obj\n" * 100_000))], damaged),
        (
            "three gigabytes",
            lambda f: [str(sparse(f / "talk.pdf", b"%PDF-1.4\n"))],
            r"talk\.pdf: it has .* bytes, .*; check",
        ),
    ):
        yield Hostile(f"{name} in a PDF", make, says, entry="document")
    paragraph = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>"
    for name, make, says, ends in (
        ("1,100,000 strangers", word("<w:q/>" * 1_100_000), r"talk\.docx, .*: it has more than 1,000,000 .*; bring", 2),
        ("elements 100,000 deep", word("<w:x>" * 100_000 + "</w:x>" * 100_000), "0 characters", 0),
        (
            "tables 5,000 deep",
            word("<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000),
            "0 characters",
            0,
        ),
        ("30,000 paragraphs that run on", word(paragraph * 30_000), "30000 characters", 0),
        ("200,000 attributes", word("<w:q " + " ".join(f'a{n}="b"' for n in range(200_000)) + "/>"), "0 characters", 0),
        (
            "another file as its text",
            word("", "../../etc/passwd"),
            r"talk\.docx, .*: it is not a Word document; open it",
            2,
        ),
        (
            "its list of parts as its text",
            word("", "_rels/.rels"),
            r"talk\.docx: it is not a Word document; open it in",
            2,
        ),
        (
            "the number of no sign",
            word("<w:p><w:r><w:t>&#0;</w:t></w:r></w:p>"),
            r"talk\.docx, .*XML is damaged .*; open",
            2,
        ),
    ):
        yield Hostile(f"{name} in a Word file", make, says, ends, "document")
    for name, make, says in (
        (
            "three gigabytes",
            lambda f: [str(sparse(f / "talk.txt"))],
            r"talk\.txt: it has .* bytes, and at most .*; check",
        ),
        (
            "U+0000",
            lambda f: [str(written(f / "talk.txt", "a\0b"))],
            r"talk\.txt: the encoding is not known.*; say which",
        ),
        (
            "noise",
            lambda f: [str(written(f / "talk.md", bytes(range(256)) * 999))],
            r"talk\.md: the encoding is not .*: che",
        ),
    ):
        yield Hostile(f"{name} in a text", make, says, entry="document")


# REFI-QDA


def project(content: Callable[[], str], files: dict[str, bytes] | None = None) -> Callable[[Path], list[str]]:
    return lambda folder: [str(archive(folder / "given.qdpx", content(), files))]


def refi() -> Iterator[Hostile]:
    for suffix in (".qdpx", ".qdc"):
        yield from in_the_place_of(f"given{suffix}", lambda f, s=suffix: [str(f / f"given{s}")], entry="refi")
    own, note = guid_of("code", "a"), f'<Note guid="{guid(9)}"><PlainTextContent>{{}}</PlainTextContent></Note>'
    numbered = f'<CodeBook><Codes><Code guid="{own}" name="a"><Description>Id: a\n\nNumber: {{}}</Description></Code></Codes></CodeBook>'
    again = "Include: a\n\n" * 150_000
    twice = [selection(0, 1, number=1000 + 2 * n).replace("</Coding>", f'<NoteRef targetGUID="{guid(9)}"/>' * 2 + "</Coding>") for n in range(200)]  # fmt: skip
    too_much = r"given\.qdpx, project\.qde: it has more than 2,000,000 elements .*; export the project again"
    for name, make, says in (
        ("codes 3,000 deep", project(lambda: xml("<CodeBook><Codes>" + "<Code>" * 3_000 + "</Code>" * 3_000 + "</Codes></CodeBook>")), r"given\.qdpx, project\.qde: .* 2,048 deep.*; make its tree flatter"),
        ("sets 3,000 deep", project(lambda: xml("<Sets>" + "<Set>" * 3_000 + "</Set>" * 3_000 + "</Sets>")), r"given\.qdpx, .* 2,048 deep.*; make"),
        ("descriptions 3,000 deep", project(lambda: xml("<Description>" + "<b>" * 3_000 + "</b>" * 3_000 + "</Description>")), r"2,048 deep.*; make"),
        ("three million strangers", project(lambda: xml("<X/>" * (3 * MILLION))), too_much),
        ("three million descriptions", project(lambda: xml("<Description/>" * (3 * MILLION))), too_much),
        ("strangers without end in a text", project(lambda: xml(sources=f"<TextSource>{'<X/>' * (3 * MILLION)}</TextSource>")), too_much),
        ("21,000 texts", project(lambda: xml(sources="<TextSource/>" * 21_000)), r"given\.qdpx, .* 20,000 texts; export"),
        ("a note in 400 memos", project(lambda: xml(f"<Notes>{note.format('y' * MILLION)}</Notes>", sources=source(*twice, text="abc"))), "notes that several things share .*; take some"),
        ("no XML", project(lambda: ""), r"given\.qdpx, project\.qde: it is not well-formed XML .*; export it again"),
        ("a web page", project(lambda: "<html/>"), r"given\.qdpx, project\.qde: it is neither a project .*; choose another"),
        ("an entity", project(lambda: '<!DOCTYPE P [<!ENTITY a "b">]><Project/>'), r"given\.qdpx, project\.qde, line 1: .*; remove it"),
        ("three gigabytes", lambda f: [str(sparse(f / "given.qdpx"))], r"given\.qdpx: it is not a zip archive.*; copy"),
        ("three gigabytes of XML", lambda f: [str(sparse(f / "given.qdc"))], r"given\.qdc: it is not well-formed XML .*; export"),
        ("strangers in a codebook", lambda f: [str(written(f / "given.qdc", f"<CodeBook>{'<X/>' * (3 * MILLION)}</CodeBook>"))], r"given\.qdc: it has more than 2,000,000 elements .*; export"),
        ("a text in 2,000 sources", project(lambda: xml(sources="".join(source().replace(SOURCE, guid(5_000 + n)) for n in range(2_000))), {"sources/a.txt": b"x" * 5_000_000}), r"qde: the texts of its sources have more than 268,435,456 characters; export"),
    ):  # fmt: skip
        yield Hostile(f"{name} in a project", make, says, entry="refi")
    for name, make, says in (
        ("a number of 5,000 digits", project(lambda: xml(numbered.format("9" * 5_000))), "0 codings"),
        ("a number in a superscript", project(lambda: xml(numbered.format("²"))), "0 codings"),
        ("150,000 fields of one name", project(lambda: xml(f'<CodeBook><Codes><Code guid="{CODE}" name="a"><Description>{again}</Description></Code></Codes></CodeBook>')), "0 codings"),
        ("30,000 notes of one name", project(lambda: xml(f"<Notes>{note.format('yyyy') * 30_000}</Notes>")), "29,999 × GUID: two notes have it"),
        ("itself as its text", project(lambda: xml(sources=source(path="project.qde"))), "0 codings"),
        ("a text from elsewhere", project(lambda: xml(sources=source(path="absolute:///etc/passwd"))), "it lies outside the archive"),
        ("a text above the archive", project(lambda: xml(sources=source(path="../../etc/passwd"))), "there is no file '../../etc/passwd' in the archive"),
        ("positions of 5,000 digits", project(lambda: xml(sources=source(selection("9" * 5_000, 10**30), text="ab"))), "it stands outside its text of 2 characters"),
        ("times of no calendar", project(lambda: xml(sources=source(selection(0, 1).replace("<Coding ", '<Coding creationDateTime="99999999-01-01T00:00:00Z" '), text="ab"))), "it is not a date and time"),
        ("200,000 processing instructions", project(lambda: xml("<?x y?>" * 200_000)), "0 codings"),
        ("a comment of 20 megabytes", project(lambda: xml(f"<!-- {'x' * 20_000_000} -->")), "0 codings"),
        ("100,000 attributes", project(lambda: xml("<Users><User " + " ".join(f'a{n}="b"' for n in range(100_000)) + "/></Users>")), "the standard has no such attribute here"),
    ):  # fmt: skip
        yield Hostile(f"{name} in a project", make, says, 0, "refi")


# Taguette

NOW = "2024-05-06 07:08:09.000010"


def tagged(*more: str | tuple[str, tuple], contents: object = "<p>x</p>") -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        with created(folder / "given.sqlite3") as base:
            put = base.execute
            put("INSERT INTO projects VALUES (1, 'Study', '', ?)", [NOW])
            put("INSERT INTO users VALUES ('admin', ?, 'x', 0, NULL, 'en', 'x', NULL)", [NOW])
            put("INSERT INTO documents VALUES (1, 'One', '', 'one', ?, 1, 'LEFT_TO_RIGHT', ?)", (NOW, contents))
            put("INSERT INTO tags VALUES (1, 1, 'a', '')")
            for statement in more:
                put(*statement) if isinstance(statement, tuple) else put(statement)
        return [str(folder / "given.sqlite3")]

    return make


def cut(make: Callable[[Path], list[str]], size: int) -> Callable[[Path], list[str]]:
    def changed(folder: Path) -> list[str]:
        words = make(folder)
        Path(words[0]).write_bytes(Path(words[0]).read_bytes()[:size])
        return words

    return changed


def tag_sets() -> Iterator[Hostile]:
    yield from in_the_place_of("given.sqlite3", lambda f: [str(f / "given.sqlite3")], entry="taguette")
    highlight = "INSERT INTO highlights VALUES (1, 1, {}, {}, '')", "INSERT INTO highlight_tags VALUES (1, 1)"
    chain = [("INSERT INTO tags VALUES (?, 1, ?, ?)", (n, f"b{n}", f"Under: b{n - 1}")) for n in range(2, 9_000)]
    outside = "it stands outside its 1 bytes"
    deep = ("INSERT INTO commands VALUES (NULL, ?, 'admin', 1, 1, ?)", (NOW, "[" * 100_000))
    merges = [
        ("INSERT INTO commands VALUES (NULL, ?, 'admin', 1, 1, ?)", (NOW, json.dumps({"type": "tag_merge", "src_tag_id": n, "dest_tag_id": n + 1})))
        for n in range(3_000)
    ]  # fmt: skip
    for name, make, says in (
        ("a chain of 9,000 tags", tagged(*chain), "0 codings"),
        ("tags under themselves", tagged("INSERT INTO tags VALUES (2, 1, 'b', 'Under: c'), (3, 1, 'c', 'Under: b')"), "it comes back to 'c'"),
        ("letters as positions", tagged(highlight[0].format("'x'", "'y'"), highlight[1]), outside),
        ("positions without end", tagged(highlight[0].format("9e999", "9223372036854775807"), highlight[1]), outside),
        ("positions before the text", tagged(highlight[0].format("-5", "1"), highlight[1]), outside),
        ("events 100,000 deep", tagged(deep), r"history: line: it cannot be read \(RecursionError\)"),
        ("3,000 merges", tagged(*merges), "0 codings"),
        ("a number as a text", tagged(contents=7), "0 codings"),
        ("200,000 tags that stay open", tagged(contents="<a " * 200_000), "0 codings"),
        ("100,000 sections of data", tagged(contents="<![CDATA[" * 100_000), "0 codings"),
        ("200,000 comments that stay open", tagged(contents="<!--" * 200_000), "0 codings"),
        ("scripts that stay open", tagged(contents="<script>" + "</scrip" * 100_000), "0 codings"),
        ("a million ampersands", tagged(contents="&" * MILLION), "0 codings"),
        ("numbers of no sign", tagged(contents="&#9999999999999;" * 50_000), "0 codings"),
    ):  # fmt: skip
        yield Hostile(f"{name} in Taguette", make, says, 0, "taguette")
    for name, make, says in (
        (
            "no database",
            lambda f: [str(written(f / "given.sqlite3", "x"))],
            r"given\.sqlite3: it is text, or of a kind that is not known, not a project of Taguette; in Tag",
        ),
        (
            "nothing at all",
            lambda f: [str(written(f / "given.sqlite3", ""))],
            r"given\.sqlite3: it is text, or of a kind that is not known, not a project of Taguette; in T",
        ),
        (
            "a header alone",
            cut(tagged(), 100),
            r"given\.sqlite3: the database is damaged .*; in Taguette 1.5, export",
        ),
        (
            "three of its pages",
            cut(tagged(), 3 * 4096),
            r"given\.sqlite3: the database is damaged .*; in Taguette 1.5, export",
        ),
        (
            "bytes as a text",
            tagged("UPDATE documents SET contents = x'ff'"),
            r"given\.sqlite3: the table 'documents', row 1, column 'contents' has a blob, not a text; ex",
        ),
        (
            "a table that is made up",
            tagged(
                "DROP TABLE commands",
                "CREATE VIEW commands AS SELECT 1 id, 2 date, 3 user_login, 4 project_id, 5 payload",
            ),
            r"given\.sqlite3: it has a view 'commands'.*; in Taguette 1.5, export",
        ),
    ):
        yield Hostile(f"{name} in Taguette", make, says, entry="taguette")


# The coding store


def stored_codings(folder: Path, *statements: str) -> Path:
    path = folder / "coding.sqlite"
    with Store(path) as store:
        store.save_codebook(Codebook((Code("fear", "Fear"),)), coder="ana")
        store.add_document(Document("one", "One", "x" * 5_000), coder="ana")
        with store.writing():
            for number in range(120):
                store.add("one", number, number + 3, "fear", coder="ana")
    with sqlite3.connect(path) as base:
        for statement in statements:
            base.execute(statement)
    base.close()
    return path


def changed_store(*statements: str) -> Callable[[Path], list[str]]:
    return lambda folder: [str(stored_codings(folder, *statements))]


def with_page(number: int, fill: bytes = b"\0") -> Callable[[Path], list[str]]:
    """A store one of whose pages has been overwritten."""

    def make(folder: Path) -> list[str]:
        path = stored_codings(folder)
        data = bytearray(path.read_bytes())
        data[(number - 1) * 4096 : number * 4096] = (fill * 4096)[:4096]
        path.write_bytes(data)
        return [str(path)]

    return make


def page_of(name: str) -> int:
    """The page on which a table of a store begins."""
    with sqlite3.connect(":memory:") as base:
        del base
    return PAGES[name]


def new_event(body: str, kind: str = "coding") -> str:
    return f"INSERT INTO events SELECT max(seq) + 1, 0, 't', 'c', '{kind}', 'e', '{body}', NULL, 'h' FROM events"


PAGES = {"events": 2}


def stores() -> Iterator[Hostile]:
    store = r"coding\.sqlite"
    yield from in_the_place_of("coding.sqlite", lambda f: [str(f / "coding.sqlite")], entry="store")
    restore = "restore a copy of"
    for number in (1, 2, 3, 5, 8, 10, 12, 15, 18, 21, 24):
        for fill in (b"\0", b"\xa5\x0d\x02"):
            says = rf"{store}: .*; .*{restore}|^\d+ codings"
            yield Hostile(f"page {number} of a store full of {fill!r}", with_page(number, fill), says, -2, "store")
    for name, statements, says in (
        ("a newer shape", ["PRAGMA user_version = 9"], rf"{store}: has the shape of version 9.*; use that program for it"),
        ("a table less", ["DROP TABLE codings"], rf"{store}: it has no .*; {restore}"),
        ("no events", ["DROP TABLE events"], rf"{store}: it has no .*; {restore}"),
        ("a trigger more", ["CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM codings; END"], rf"{store}: it has a trigger 't', .*; {restore}"),
        ("a view for a table", ["DROP TABLE finished", "CREATE VIEW finished AS SELECT 1 document, 2 coder"], rf"{store}: it has .*'finished'.*; {restore}"),
        ("an event of another kind", [new_event("{}", "spell")], rf"{store}: event 123 is of a kind .*'spell'; {restore}"),
        ("an event that says nothing", [new_event("{}")], rf"{store}: event 123 does not say what a coding is .*; {restore}"),
        ("an event that is cut", [new_event("{")], rf"{store}: event 123 cannot be read .*; {restore}"),
        ("an event 90,000 deep", [new_event("[" * 90_000)], rf"{store}: event 123 cannot be read .*; {restore}"),
        ("an event that is a list", [new_event("[1]")], rf"{store}: event 123 cannot be read .*; {restore}"),
        ("a document that is cut", ["UPDATE documents SET body = '{'"], rf"{store}: its tables do not hold .*; make them again from its events"),
        ("a code without a name", ["UPDATE codebooks SET body = '[{}]'"], rf"{store}: its tables do not hold .*; make them again"),
        ("a time that is none", ["UPDATE codings SET time = 'yesterday'"], rf"{store}: its tables do not hold .*; make them again"),
        ("a coding that ends before it begins", ['UPDATE codings SET start = 9, "end" = 1'], rf"{store}: its tables do not hold .*; make them again"),
    ):  # fmt: skip
        yield Hostile(f"{name} in a store", changed_store(*statements), says, entry="store")
    for name, make, says in (
        ("a text as a store", lambda f: [str(written(f / "coding.sqlite", "notes " * 999))], rf"{store}: cannot be opened .*; .*choose"),
        ("an empty file as a store", lambda f: [str(written(f / "coding.sqlite", ""))], rf"{store}: is empty; .*{restore}"),
        ("the header of a store", cut(changed_store(), 100), rf"{store}: cannot be opened .*; .*{restore}"),
        ("seven pages of a store", cut(changed_store(), 7 * 4096), rf"{store}: cannot be opened .*; .*{restore}"),
        ("a store in no folder", lambda f: [str(f / "none/coding.sqlite")], rf"{store}: cannot be opened .*; choose another"),
        ("a store in a file", lambda f: [str(written(f / "file", "x") / "coding.sqlite")], rf"{store}.*cannot be opened .*; c"),
        ("a full disk", lambda f: [str(stored_codings(f)), "max_page_count = 40"], rf"{store}: nothing was written .* full\); free"),
        ("a folder as a log", lambda f: [str(beside(f, "-wal", Path.mkdir))], rf"{store}: cannot be opened .*; choose another"),
    ):  # fmt: skip
        yield Hostile(name, make, says, entry="store")
    for name, suffix in {"a log of noise": "-wal", "a journal of noise": "-journal"}.items():
        noise = lambda f, s=suffix: [str(beside(f, s, lambda path: written(path, bytes(range(256)) * 99)))]  # noqa: E731
        yield Hostile(name, noise, "120 codings", 0, "store")
    yield Hostile("a store without its log", without_log, "120 codings", 0, "store")
    yield Hostile(
        "a store that may not be written", read_only, rf"{store}: .*readonly.*; give yourself", 2, "store", NOBODY
    )
    yield Hostile(
        "a store that is written to", in_use, rf"{store}: nothing .*locked\); somebody else .*; try", 2, "store at once"
    )
    yield from savings()


def savings() -> Iterator[Hostile]:
    def saving(make: Callable[[Path], list[str]]) -> Callable[[Path], list[str]]:
        return lambda folder: [*make(folder), str(folder / "saved.sqlite")]

    for name, make, says in (
        ("a whole store", changed_store(), "saved=122, lost=0"),
        ("a store without a table", changed_store("DROP TABLE codings"), "saved=122, lost=0"),
        ("a store with an event that is cut", changed_store(new_event("{")), "saved=122, lost=0"),
        ("a store with a damaged page of events", damaged_events, r"saved=\d+, lost=[1-9]"),
    ):
        yield Hostile(f"saving {name}", saving(make), says, 0, "salvage")
    for name, make, says in (
        (
            "a text",
            lambda f: [str(written(f / "coding.sqlite", "notes"))],
            r"coding\.sqlite: no event can be read; restore",
        ),
        ("no store", lambda f: [str(f / "coding.sqlite")], r"coding\.sqlite: there is no such file; check the path"),
    ):
        yield Hostile(f"saving {name}", saving(make), says, 2, "salvage")


def damaged_events(folder: Path) -> list[str]:
    """A store in which one page that holds events is noise."""
    path = stored_codings(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b'{"after":{"document":"one","start":60,') // 4096
    data[at * 4096 : at * 4096 + 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    return [str(path)]


def beside(folder: Path, suffix: str, put: Callable[[Path], object]) -> Path:
    path = stored_codings(folder)
    put(path.with_name(path.name + suffix))
    return path


def without_log(folder: Path) -> list[str]:
    """A store that was copied without the log beside it, in which the last events were."""
    path = stored_codings(folder)
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA wal_autocheckpoint = 0")
    base.execute("INSERT INTO finished VALUES ('one', 'ana')")
    alone = Path(shutil.copy(path, folder / "alone.sqlite"))
    base.close()
    return [str(alone)]


def read_only(folder: Path) -> list[str]:
    path = stored_codings(folder)
    path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    folder.chmod(0o555)
    return [str(path)]


HELD: list[sqlite3.Connection] = []


def in_use(folder: Path) -> list[str]:
    """A store to which another program is writing, and does not end."""
    path = stored_codings(folder)
    HELD.append(sqlite3.connect(path, isolation_level=None))
    HELD[-1].execute("BEGIN IMMEDIATE")
    return [str(path)]


def all_inputs() -> list[Hostile]:
    families = (studies, exports, surveys, forms, read_as_documents, refi, tag_sets, stores)
    return [hostile for family in families for hostile in family()]
