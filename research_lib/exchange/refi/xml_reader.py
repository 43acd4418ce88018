"""Reads the XML of a project or a codebook in one pass, element by element, and forgets each when it has been read."""

from collections.abc import Callable

from research_lib.coding.project import Losses
from research_lib.errors import CodingError
from research_lib.exchange.refi import elements
from research_lib.exchange.refi.elements import Element, guid_in, local, targets, text_in, values_in
from research_lib.exchange.refi.identifiers import derived
from research_lib.exchange.refi.raw_contents import CaseOrSet, CodeEntry, Contents, ProjectFiles
from research_lib.exchange.refi.selection_offsets import Convention, place_codings
from research_lib.exchange.refi.source_reader import SourceReader
from research_lib.files.archives import UnsafeFileError, refuse_document_type

_PARTS = frozenset({"Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs"})
_OF_CASE = ("CodeRef", "SourceRef", "SelectionRef")
_NO_PLACE = "a project here has no place for it"


def read_contents(files: ProjectFiles, losses: Losses, *, convention: Convention | None = None) -> Contents:
    """Read all that a file holds; raises CodingError where it is neither a project nor a codebook, or is malformed."""
    _check_opening(files)
    contents = Contents()
    reading = _Reading(contents, losses, SourceReader(contents, files, losses))
    with files.open_xml() as stream:
        for name, element in elements.events(stream, tuple(reading.handlers), files.place):
            reading.handlers[name](element)
    if not reading.ended:
        raise CodingError(f"{files.place}: it is neither a project nor a codebook of REFI-QDA; choose another file")
    contents.notes = {guid: "\n\n".join(filter(None, parts)) for guid, parts in reading.notes.items()}
    place_codings(contents, losses, convention=convention)
    return contents


def _check_opening(files: ProjectFiles) -> None:
    with files.open_xml() as stream:
        try:
            refuse_document_type(stream, files.place)
        except UnsafeFileError as error:
            if isinstance(error.__cause__, ValueError | LookupError):
                raise CodingError(f"{files.place}: it is in an encoding not read here; save it as UTF-8") from error
            raise


def _and_forget(read: Callable[[Element], None]) -> Callable[[Element], None]:
    """Read an element, and empty it after that; those of its kind directly before it are removed."""

    def handle(element: Element) -> None:
        read(element)
        earlier = element.getprevious()
        if earlier is not None and earlier.tag == element.tag:
            element.getparent().remove(earlier)
        element.clear(keep_tail=True)

    return handle


class _Reading:
    """What is done at the end of each kind of element."""

    def __init__(self, contents: Contents, losses: Losses, sources: SourceReader):
        self._contents, self._losses, self._sources = contents, losses, sources
        self.ended, self.notes = False, sources.notes
        self.handlers: dict[str, Callable[[Element], None]] = {
            "PlainTextSelection": _and_forget(sources.selection),
            **dict.fromkeys(elements.TEXTS, sources.text),
            **dict.fromkeys(elements.SOURCES, _and_forget(sources.source)),
            **dict.fromkeys(("Link", "Graph"), _and_forget(self._lost)),
            "Note": _and_forget(sources.note),
            "User": self._user,
            "Variable": self._variable,
            "Case": _and_forget(lambda case: contents.cases.append(self._thing(case, *_OF_CASE))),
            "Set": _and_forget(self._set),
            "CodeBook": _and_forget(self._codebook),
            "Project": self._project,
        }

    def _lost(self, element: Element) -> None:
        self._losses.add(elements.place_of(element), local(element), _NO_PLACE)

    def _user(self, element: Element) -> None:
        elements.report_unknown(element, self._losses)
        guid, users = guid_in(element), self._contents.users
        self._losses.add(elements.place_of(element), "GUID", "another user has it already", guid in users)
        users.setdefault(guid, (element.get("id"), element.get("name") or ""))

    def _variable(self, element: Element) -> None:
        elements.report_unknown(element, self._losses)
        guid, variables = guid_in(element), self._contents.variables
        self._losses.add(elements.place_of(element), "GUID", "another variable has it already", guid in variables)
        variables.setdefault(guid, element.get("name") or guid)
        if text_in(element, "Description"):
            self._losses.add(elements.place_of(element), "description of a variable", _NO_PLACE)

    def _set(self, element: Element) -> None:
        self._contents.sets.append(self._thing(element, "MemberCode", "MemberSource"))
        self._losses.add(elements.place_of(element), "note in a set", _NO_PLACE, len(targets(element, "MemberNote")))

    def _thing(self, element: Element, *references: str) -> CaseOrSet:
        elements.report_unknown(element, self._losses)
        guid = guid_in(element) or derived(local(element), element.get("name", ""))
        return CaseOrSet(
            guid,
            element.get("name", guid),
            text_in(element, "Description") or "",
            values_in(element, self._losses),
            {name: targets(element, name) for name in references},
        )

    def _codebook(self, element: Element) -> None:
        elements.report_unknown(element, self._losses)
        self._contents.origin = self._contents.origin or element.get("origin") or ""
        self._codes(element)
        self.ended = self.ended or element.getparent() is None

    def _codes(self, codebook: Element) -> None:
        """Read all codes; one below an element that the standard does not know lies below the nearest code."""
        trail: list[str] = []
        for event, code in elements.walk(codebook, "Codes", "Code"):
            if event == "start" and local(code) == "Code":
                parent = trail[-1] if trail else None
                trail.append(guid_in(code) or derived("code", f"{parent or ''}/{code.get('name') or ''}"))
                self._code(code, trail[-1], parent)
            elif event == "start":
                elements.report_unknown(code, self._losses)
            elif local(code) == "Code":
                trail.pop()

    def _code(self, element: Element, guid: str, parent: str | None) -> None:
        elements.report_unknown(element, self._losses)
        self._contents.codes.append(
            CodeEntry(
                guid,
                element.get("name", guid),
                parent,
                text_in(element, "Description") or "",
                element.get("color") or "",
                (element.get("isCodable") or "true").strip() in ("true", "1"),
                targets(element, "NoteRef"),
            )
        )

    def _project(self, element: Element) -> None:
        parts = {local(part) for part in element.iterchildren("*")}
        if element.getparent() is not None or not ("QDA" in str(element.tag).upper() or parts & _PARTS):
            return
        elements.report_unknown(element, self._losses)
        for part in element.iterchildren("*"):
            if local(part) in _PARTS - {"CodeBook"}:
                elements.report_unknown(part, self._losses)
        self._contents.name = element.get("name") or ""
        self._contents.origin = element.get("origin") or ""
        self._contents.description = text_in(element, "Description") or ""
        self._contents.notes_on_all = targets(element, "NoteRef")
        self.ended = True
