"""Reads the XML of a project or a codebook in one pass, element by element, and forgets each when it has been read."""

from collections.abc import Callable

from research_lib.errors import CodingError
from research_lib.exchange.archive import refuse_document_type
from research_lib.exchange.refi import elements
from research_lib.exchange.refi.contents import Contents, Entry, Thing
from research_lib.exchange.refi.elements import Element, guid_in, inside, local, targets, text_in
from research_lib.exchange.refi.files import Files
from research_lib.exchange.refi.guids import derived
from research_lib.exchange.refi.losses import Losses
from research_lib.exchange.refi.positions import Convention
from research_lib.exchange.refi.sources import SourceReader, values_in

_NO_PLACE = "a project here has no place for it"


def read_contents(files: Files, losses: Losses, *, told: Convention | None = None) -> Contents:
    """Read all that a file holds; raises CodingError where it is no project and no codebook, or is malformed."""
    with files.open_xml() as stream:
        refuse_document_type(stream, files.xml)
    contents = Contents(files.xml)
    reading = _Reading(contents, losses, SourceReader(contents, files, losses, told=told))
    try:
        with files.open_xml() as stream:
            for name, element in elements.events(stream, tuple(reading.handlers)):
                reading.handlers[name](element)
    except elements.MALFORMED as error:
        raise CodingError(f"{files.xml}: it is not well-formed XML ({error.msg}); export it again") from error
    if not reading.ended:
        raise CodingError(f"{files.xml}: it is neither a project nor a codebook of REFI-QDA; choose another file")
    return contents


class _Reading:
    """What is done at the end of each kind of element."""

    def __init__(self, contents: Contents, losses: Losses, sources: SourceReader):
        self._contents, self._losses, self._sources = contents, losses, sources
        self.ended = False
        self.handlers: dict[str, Callable[[Element], None]] = {
            "PlainTextSelection": self._selection,
            **dict.fromkeys(elements.TEXTS, self._text),
            **dict.fromkeys(elements.SOURCES, self._source),
            **dict.fromkeys(("Link", "Graph"), self._lost),
            "Note": self._note,
            "User": self._user,
            "Variable": self._variable,
            "Case": self._case,
            "Set": self._set,
            "CodeBook": self._codebook,
            "Project": self._project,
        }

    def _selection(self, element: Element) -> None:
        self._sources.selection(element)
        elements.forget(element)

    def _text(self, element: Element) -> None:
        self._origin(element)
        self._sources.text(element)

    def _source(self, element: Element) -> None:
        self._origin(element)
        self._sources.source(element)
        elements.forget(element)

    def _origin(self, element: Element) -> None:
        self._contents.origin = element.getroottree().getroot().get("origin") or ""

    def _note(self, element: Element) -> None:
        self._origin(element)
        self._sources.note(element)
        elements.forget(element)

    def _lost(self, element: Element) -> None:
        self._losses.add(elements.place_of(element), local(element), _NO_PLACE)
        elements.forget(element)

    def _user(self, element: Element) -> None:
        elements.tell_strangers(element, self._losses)
        self._contents.users[guid_in(element)] = (element.get("id"), element.get("name") or "")

    def _variable(self, element: Element) -> None:
        elements.tell_strangers(element, self._losses)
        name, kind = element.get("name") or guid_in(element), element.get("typeOfVariable") or "Text"
        self._contents.variables[guid_in(element)] = (name, kind)
        if text_in(element, "Description"):
            self._losses.add(elements.place_of(element), "description of a variable", _NO_PLACE)

    def _case(self, element: Element) -> None:
        self._contents.cases.append(self._thing(element, "CodeRef", "SourceRef", "SelectionRef"))
        elements.forget(element)

    def _set(self, element: Element) -> None:
        thing = self._thing(element, "MemberCode", "MemberSource")
        self._losses.add(elements.place_of(element), "note in a set", _NO_PLACE, len(targets(element, "MemberNote")))
        self._contents.sets.append(thing)
        elements.forget(element)

    def _thing(self, element: Element, *references: str) -> Thing:
        elements.tell_strangers(element, self._losses)
        named = element.get("name")
        guid = guid_in(element) or derived(local(element), named or "")
        found = {name: targets(element, name) for name in references}
        return Thing(
            guid,
            guid if named is None else named,
            text_in(element, "Description") or "",
            values_in(element),
            found,
        )

    def _codebook(self, element: Element) -> None:
        elements.tell_strangers(element, self._losses)
        self._contents.origin = self._contents.origin or element.get("origin") or ""
        for codes in inside(element, "Codes"):
            elements.tell_strangers(codes, self._losses)
            guids: dict[Element, str] = {}
            for code in codes.iterdescendants("{*}Code"):
                parent = guids.get(code.getparent())
                guids[code] = guid_in(code) or derived("code", f"{parent or ''}/{code.get('name') or ''}")
                self._code(code, guids[code], parent)
        self.ended = self.ended or element.getparent() is None
        elements.forget(element)

    def _code(self, element: Element, guid: str, parent: str | None) -> None:
        elements.tell_strangers(element, self._losses)
        named = element.get("name")
        self._contents.codes.append(
            Entry(
                guid,
                guid if named is None else named,
                parent,
                text_in(element, "Description") or "",
                element.get("color") or "",
                (element.get("isCodable") or "true").strip() in ("true", "1"),
                targets(element, "NoteRef"),
            )
        )

    def _project(self, element: Element) -> None:
        if element.getparent() is not None:
            return
        elements.tell_strangers(element, self._losses)
        for part in element.iterchildren("*"):
            if local(part) in ("Users", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs"):
                elements.tell_strangers(part, self._losses)
        self._contents.name = element.get("name") or ""
        self._contents.origin = element.get("origin") or ""
        self._contents.description = text_in(element, "Description") or ""
        self._contents.notes_on_all = targets(element, "NoteRef")
        self.ended = True
