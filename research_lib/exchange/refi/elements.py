"""Elements of a REFI-QDA file: names without their namespace, texts, references, and which of them are unknown."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from research_lib.coding.project import Losses
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import plain

Element = Any
_DEEPEST, _MOST, _PIECE = 2_048, 2_000_000, 1 << 16
SOURCES = ("TextSource", "PictureSource", "PDFSource", "AudioSource", "VideoSource")
SELECTIONS = ("PictureSelection", "PDFSelection", "AudioSelection", "VideoSelection", "TranscriptSelection")
TEXTS = ("TextSource", "Representation", "TextDescription", "Transcript", "Note")

_MEDIUM = (
    "guid name",
    f"Description Transcript Representation TextDescription Coding NoteRef VariableValue {' '.join(SELECTIONS)}",
)
_TEXT = (
    "guid name plainTextPath richTextPath",
    "Description PlainTextContent PlainTextSelection SyncPoint Coding NoteRef VariableValue TranscriptSelection",
)
_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")
_REFERENCE = ("targetGUID guid", "")
_KNOWN = {
    name: (frozenset(attributes.split()), frozenset(inside.split()))
    for names, (attributes, inside) in {
        "Project": (
            "name origin",
            "Users CodeBook Variables Cases Sources Notes Links Sets Graphs Description NoteRef",
        ),
        "CodeBook": ("origin", "Codes Code Sets"),
        "Codes": ("", "Code"),
        "Code": ("guid name isCodable color", "Description NoteRef Code"),
        "Users": ("", "User"),
        "User": ("guid name id", ""),
        "Variables": ("", "Variable"),
        "Variable": ("guid name typeOfVariable", "Description"),
        "Cases": ("", "Case"),
        "Case": ("guid name", "Description CodeRef VariableValue SourceRef SelectionRef"),
        "Sources": ("", " ".join(SOURCES)),
        "Notes": ("", "Note"),
        "Links": ("", "Link"),
        "Graphs": ("", "Graph"),
        "Sets": ("", "Set"),
        "Set": ("guid name", "Description MemberCode MemberSource MemberNote"),
        " ".join(TEXTS): _TEXT,
        " ".join(SOURCES[1:]): _MEDIUM,
        "Coding": ("guid creatingUser creationDateTime", "CodeRef NoteRef"),
        "PlainTextSelection": (
            "guid name startPosition endPosition creatingUser creationDateTime",
            "Description Coding NoteRef",
        ),
        "TranscriptSelection": (
            "guid name fromSyncPoint toSyncPoint creatingUser creationDateTime",
            "Description Coding NoteRef",
        ),
        "VariableValue": ("", " ".join(("VariableRef", *_VALUES))),
        "MemberCode MemberSource CodeRef SourceRef SelectionRef NoteRef VariableRef": _REFERENCE,
    }.items()
    for name in names.split()
}  # fmt: skip
_USERS = {"creatingUser", "modifyingUser", "creatingUserGUID", "modifyingUserGUID"}
_STANDARD = _USERS | {"creationDateTime", "modifiedDateTime", "basePath", "path", "currentPath"}
SELECTION_ATTRIBUTES, CODING_ATTRIBUTES = _KNOWN["PlainTextSelection"][0], _KNOWN["Coding"][0]


def local(element: Element) -> str:
    """Give the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def inside(element: Element, *names: str) -> Iterator[Element]:
    """Go through the elements of these names directly inside one."""
    return (child for child in element.iterchildren("*") if local(child) in names)


def text_in(element: Element, name: str) -> str | None:
    """Read the text of the first element of a name directly inside one; None where there is no such element."""
    return next(("".join(child.itertext()) for child in inside(element, name)), None)


def guid_in(element: Element) -> str:
    """Read the GUID of an element; empty where it has none."""
    return plain(element.get("guid") or "")


def targets(element: Element, *names: str) -> list[str]:
    """List the GUIDs that elements of these names directly inside one refer to."""
    return [plain(child.get("targetGUID") or child.get("guid") or "") for child in inside(element, *names)]


def values_in(element: Element, losses: Losses) -> list[tuple[str, str, str]]:
    """List the values of variables in an element: the variable's GUID, the kind, and the text.

    A variable without a value has no kind.
    """
    found = []
    for value in inside(element, "VariableValue"):
        report_unknown(value, losses)
        variable = next(iter(targets(value, "VariableRef")), "")
        given = [
            (variable, local(child).removesuffix("Value"), child.text or "")
            for child in inside(value, *_VALUES)
            if child.text or local(child) == "TextValue"
        ]
        found += given or [(variable, "", "")]
    return found


def place_of(element: Element) -> str:
    """Say which element this is: its kind and its name or GUID."""
    called = element.get("name") or element.get("guid")
    return f"{local(element)} {called!r}" if called else local(element)


def report_unknown(element: Element, losses: Losses) -> None:
    """Note the attributes of an element and the elements directly inside it that nothing is made of."""
    name = local(element)
    attributes, children = _KNOWN.get(name, (frozenset(), frozenset()))
    for attribute in element.keys():  # noqa: SIM118  (an element iterates over its children)
        if attribute not in attributes and not attribute.endswith("chemaLocation"):
            known = attribute in _STANDARD
            reason = "a project here has no place for it" if known else "the standard has no such attribute here"
            losses.add(name, f"attribute {attribute.rpartition('}')[2]}", reason)
    for child in element.iterchildren("*"):
        if local(child) not in children:
            losses.add(name, f"element {local(child)}", "the standard has no such element here")


def events(stream: Any, names: tuple[str, ...], place: str) -> Iterator[tuple[str, Element]]:
    """Go through the ends of the elements of these names, in a stream whose opening has been checked.

    Raises CodingError, which names the place, for what is not well-formed or cannot be read, and where more than two
    million elements would be held at once, because nobody knows them or their part does not end.
    """
    parser = etree.XMLPullParser(
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
    )
    most, last = 0, None
    try:
        while piece := stream.read(_PIECE):
            parser.feed(piece)
            for _, element in parser.read_events():
                last = element
                yield local(element), element
            most += piece.count(b"<")  # those that a piece could have added are counted when they may be too many
            if most > _MOST and last is not None:
                most = sum(1 for _ in last.getroottree().iter())
            if most > _MOST:
                reason = f"it has more than {_MOST:,} elements that belong together or that the standard does not know"
                raise CodingError(f"{place}: {reason}; export the project again, or in parts")
        parser.close()
    except etree.XMLSyntaxError as error:
        raise CodingError(f"{place}: {_reason(error, parser.feed_error_log)}") from error


def _reason(error: etree.XMLSyntaxError, log: Any) -> str:
    undeclared = next((entry for entry in log if entry.type == etree.ErrorTypes.ERR_UNDECLARED_ENTITY), None)
    if undeclared is not None:
        return f"line {undeclared.line}: {undeclared.message}; put the character itself in its place"
    if "depth" in str(error.msg):
        return f"its elements lie more than {_DEEPEST:,} deep, and deeper ones cannot be read; make its tree flatter"
    if error.code in (etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING, etree.ErrorTypes.ERR_INVALID_ENCODING):
        return f"it is not in the encoding that it names, or in none that can be read ({error.msg}); save it as UTF-8"
    return f"it is not well-formed XML ({error.msg}); export it again"


def walk(element: Element, *names: str) -> Iterator[tuple[str, Element]]:
    """Go through the starts and ends of the elements of these names inside one."""
    return etree.iterwalk(element, events=("start", "end"), tag=[f"{{*}}{name}" for name in names])
