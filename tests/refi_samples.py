"""Small REFI-QDA files as other programs write them, made in the tests, and a rich project of our own."""

import zipfile
from datetime import UTC, date, datetime

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Case, Coder, Project, Set

STANDARD = "urn:QDA-XML:project:1.0"


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


USER, CODE, OTHER, SOURCE, CASE = guid(1), guid(2), guid(3), guid(4), guid(5)
USERS = f'<Users><User guid="{USER}" name="Mei"/></Users>'
CODES = (
    f'<CodeBook><Codes><Code guid="{CODE}" name="debt" isCodable="true"/>'
    f'<Code guid="{OTHER}" name="shame" isCodable="true"/></Codes></CodeBook>'
)


def selection(
    start: int, end: int, *, code: str = CODE, number: int = 100, attributes: str = "", inside: str = ""
) -> str:
    """One selection with one coding by the user; the selection has GUID `number` and the coding the one after it."""
    return (
        f'<PlainTextSelection guid="{guid(number)}" startPosition="{start}" endPosition="{end}" {attributes}>{inside}'
        f'<Coding guid="{guid(number + 1)}" creatingUser="{USER}"><CodeRef targetGUID="{code}"/></Coding>'
        "</PlainTextSelection>"
    )


def source(
    *selections: str, text: str | None = None, path: str = "internal://a.txt", attributes: str = 'name="A"'
) -> str:
    content = f"<PlainTextContent>{text}</PlainTextContent>" if text is not None else ""
    where = "" if text is not None else f'plainTextPath="{path}"'
    return f'<TextSource guid="{SOURCE}" {attributes} {where}>{content}{"".join(selections)}</TextSource>'


def xml(*parts: str, sources: str = "", origin: str = "Another", namespace: str = STANDARD) -> str:
    spelled = f'xmlns="{namespace}"' if namespace else ""
    body = "".join(parts) if parts else USERS + CODES
    return f'<?xml version="1.0" encoding="utf-8"?><Project {spelled} name="P" origin="{origin}">{body}<Sources>{sources}</Sources></Project>'


def archive(path, content: str, files: dict[str, bytes] | None = None, *, name: str = "project.qde"):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, content)
        for member, data in (files or {}).items():
            file.writestr(member, data)
    return path


def rich() -> Project:
    """All that a project can hold: signs of every kind, overlaps, empty things, and ids that are no GUIDs."""
    tricky = "A debt.\n\nInclude: this is no field\n\\Id: nor this"
    codebook = Codebook(
        (
            Code("债", "债务 & <debt>", None, tricky, "a\n\nExclude: b", "c\r\nd", "“你好。”\n", "m\n\nn", "#fa0"),
            Code(guid(20), "child", "债", is_codable=False, color="dark red"),
            Code("top", "Top", memo="only a memo"),
            Code("late", "Late child", "债"),
        )
    )
    text = "她说😀𠀀 “no”\r\n\tand\nthe rest\x00\x0c."
    corpus = Corpus(
        (
            Document(
                "d1", "Interview", text, "zh-Hans", None, {"country": "FR", "research_lib: id": "odd"}, "a\r\nmemo"
            ),
            Document(guid(30), "Interview", ""),
            Document("d3", "with a mark", "\ufeffShe said", "en", "d1", {"country": ""}),
        )
    )
    codings = as_codings(
        [
            {"id": "k1", "document": "d1", "start": 0, "end": 5, "code": "债", "coder": "A", "time": "2024-01-02T03:04:05.000006Z", "memo": "x\r\n<y>"},
            {"id": guid(40), "document": "d1", "start": 0, "end": 5, "code": "top", "coder": "B", "time": None, "memo": ""},
            {"id": guid(41), "document": "d1", "start": 3, "end": len(text), "code": "债", "coder": "B", "time": "1999-12-31T23:59:59.000000Z", "memo": ""},
            {"id": guid(42), "document": "d1", "start": 4, "end": 4, "code": guid(20), "coder": guid(50), "time": None, "memo": "😀"},
            {"id": guid(43), "document": guid(30), "start": 0, "end": 0, "code": "late", "coder": "", "time": None, "memo": ""},
            {"id": guid(44), "document": "d3", "start": 0, "end": 9, "code": "late", "coder": "A", "time": None, "memo": ""},
        ]
    )  # fmt: skip
    attributes = {
        "word": "a\tb\r\n", "none": "", "yes": True, "no": False, "number": -3, "part": 1e-30, "big": 1.5e22,
        "day": date(2020, 2, 29), "moment": datetime(2020, 2, 29, 3, 4, 5, 6, tzinfo=UTC), "local": datetime(2020, 1, 1),
        "research_lib: language": "x",
    }  # fmt: skip
    cases = (
        Case("c1", "Mei", "from Wenzhou", attributes, ("d1", "d3"), ("k1", guid(42)), ("债",)),
        Case(guid(60), "", documents=(guid(30),)),
    )
    sets = (
        Set("gender: female", "gender: female", "one\n\nId: two", ("top", "债"), ("d1",)),
        Set(guid(70), "empty"),
    )
    coders = (Coder("A", "Ä & co"), Coder("B"), Coder(guid(50), "third"))
    return Project('P "x" <&>\n', codebook, corpus, codings, coders, cases, sets, "What it is\nabout")
