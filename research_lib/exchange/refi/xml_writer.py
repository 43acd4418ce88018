"""Spells a project in the order of the standard, piece by piece."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from itertools import chain

from research_lib.coding.codebook import Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Document
from research_lib.coding.project import Case, Losses, Project, Set, Value
from research_lib.exchange.refi import identifiers
from research_lib.exchange.refi.identifiers import derived, guid_of, is_guid, kind_of, plain_value, shown, spelled
from research_lib.exchange.refi.xml_spelling import Segments, Speller, spell_codes

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class ProjectWriter:
    """Spells one project; what could not be written is added to `losses`."""

    def __init__(self, project: Project, losses: Losses):
        self._project, self._losses = project, losses
        self._speller = Speller(losses)
        self._notes: list[tuple[str, str]] = []
        self._segments = Segments(project, as_codings(project.codings), losses)
        self._values_of_documents = {document.id: self._document_values(document) for document in project.corpus}
        for kind, things in (("set", project.sets), ("case", project.cases), ("coder", project.coders)):
            for id_, count in Counter(thing.id for thing in things).items():
                losses.add(f"{kind} {id_!r}", "id", f"another {kind} has it too; give it one of its own", count - 1)
        self._values_of_cases = [self._values_of("case", case, {}) for case in project.cases]

    def parts(self) -> Iterator[str]:
        """Give the XML from its first line to its last."""
        project = self._project
        attributes = {"xmlns": "urn:QDA-XML:project:1.0", "name": project.name, "origin": identifiers.ORIGIN}
        yield f"{_HEAD}{self._speller.opening('Project', attributes)}\n"
        yield from _section("Users", self._users())
        yield from _section("CodeBook", _section("Codes", spell_codes(project.codebook, self._speller, self._note)))
        yield from _section("Variables", self._variables())
        yield from _section("Cases", map(self._case, project.cases, self._values_of_cases))
        yield from _section("Sources", map(self._source, project.corpus))
        yield from _section("Notes", (self._spelled_note(*note) for note in self._notes))
        yield from _section("Sets", map(self._set, project.sets))
        self._speller.at = "project"
        yield self._speller.text("Description", project.description)
        yield "</Project>\n"

    def _note(self, kind: str, guid: str, memo: str) -> str:
        """Keep a memo for later, and spell the reference to it; nothing for an empty one."""
        if not memo:
            return ""
        note = derived(f"memo of {kind}", guid)
        self._notes.append((note, memo))
        return f'<NoteRef targetGUID="{note}"/>\n'

    def _spelled_note(self, guid: str, memo: str) -> str:
        self._speller.at = f"note {guid}"
        return self._speller.element("Note", {"guid": guid}, self._speller.text("PlainTextContent", memo))

    def _users(self) -> Iterator[str]:
        for coder in self._project.coders:
            if coder.id:
                yield self._user(coder.id, coder.name)
            else:
                self._losses.add(f"coder {coder.name!r}", "coder", "it has no id; give it one")
        listed = {coder.id for coder in self._project.coders}
        for id_ in (coder for coder in self._segments.coders if coder not in listed):
            self._losses.add(f"coder {id_!r}", "coder", "the project does not list it; it was written all the same")
            yield self._user(id_, None)

    def _user(self, id_: str, name: str | None) -> str:
        self._speller.at = f"coder {id_!r}"
        own = None if is_guid(id_) else id_
        return self._speller.element("User", {"guid": guid_of("user", id_), "name": name, "id": own})

    def _values_of(self, kind: str, thing: Document | Case, more: dict[str, Value]) -> list[tuple[str, Value]]:
        """The values of variables that a document or a case has; what cannot be one is reported."""
        values = more if is_guid(thing.id) else {identifiers.ID: thing.id, **more}
        for name, given in thing.attributes.items():
            value, place = plain_value(given), f"{kind} {thing.id!r}, {name}"
            if kind == "document" and not isinstance(value, str):
                self._losses.add(place, "kind of a value", "documents have texts only")
                value = str(value)
            try:
                spelled(value)
            except ValueError as error:
                self._losses.add(place, f"value {shown(value)}", str(error))
                continue
            self._losses.add(place, f"value {shown(value)}", "its attribute has no name; give it one", not name)
            if name:
                values[identifiers.variable_name(name)] = value
        return list(values.items())

    def _document_values(self, document: Document) -> list[tuple[str, Value]]:
        self._losses.add(f"document {document.id!r}", "time of a cue", "a text has no times there", len(document.times))
        own = {identifiers.LANGUAGE: document.language, identifiers.ORIGINAL: document.translation_of}
        return self._values_of(
            "document", document, {name: each for name, each in own.items() if each not in ("und", None)}
        )

    def _variables(self) -> Iterator[str]:
        everything = chain(*self._values_of_cases, *self._values_of_documents.values())
        for name, kind in dict.fromkeys((name, kind_of(value)) for name, value in everything):
            self._speller.at = f"variable {name!r}"
            attributes = {"guid": _variable(name, kind), "name": name, "typeOfVariable": kind}
            yield self._speller.element("Variable", attributes)

    def _values(self, values: Iterable[tuple[str, Value]]) -> Iterator[str]:
        for name, value in values:
            kind = kind_of(value)
            reference = _reference("VariableRef", _variable(name, kind))
            written = self._speller.text(f"{kind}Value", spelled(value)) or f"<{kind}Value/>"
            yield f"<VariableValue>{reference}{written}</VariableValue>\n"

    def _case(self, case: Case, values: list[tuple[str, Value]]) -> str:
        self._speller.at = f"case {case.id!r}"
        return self._speller.element(
            "Case",
            {"guid": guid_of("case", case.id), "name": case.name},
            self._speller.text("Description", case.description),
            *self._references("CodeRef", "code", case.codes),
            *self._values(values),
            *self._references("SourceRef", "document", case.documents),
            *self._segments.references(case.codings, self._speller.at),
        )

    def _set(self, group: Set) -> str:
        self._speller.at = f"set {group.id!r}"
        return self._speller.element(
            "Set",
            {"guid": guid_of("set", group.id), "name": group.name},
            self._speller.text("Description", _set_description(group)),
            *self._references("MemberCode", "code", group.codes),
            *self._references("MemberSource", "document", group.documents),
        )

    def _references(self, element: str, kind: str, ids: Iterable[str]) -> Iterator[str]:
        """Spell references to codes or documents; those that the project does not have are reported."""
        home = "codebook" if kind == "code" else "corpus"
        known: Container[str] = getattr(self._project, home)
        for id_ in ids:
            if id_ in known:
                yield _reference(element, guid_of(kind, id_))
            else:
                self._losses.add(self._speller.at, f"{kind} {id_!r}", f"the {home} does not have it")

    def _source(self, document: Document) -> str:
        self._speller.at = f"document {document.id!r}"
        guid = guid_of("document", document.id)
        return self._speller.element(
            "TextSource",
            {"guid": guid, "name": document.name, "plainTextPath": f"internal://{guid}.txt"},
            *self._segments.spelled(document.id, self._speller, self._note),
            self._note("document", guid, document.memo),
            *self._values(self._values_of_documents[document.id]),
        )


def _section(name: str, content: Iterable[str]) -> Iterator[str]:
    """Put a part between its tags; nothing where it is empty."""
    parts = iter(content)
    if first := next(parts, ""):
        yield from chain([f"<{name}>\n", first], parts, [f"</{name}>\n"])


def _reference(name: str, guid: str) -> str:
    return f'<{name} targetGUID="{guid}"/>'


def _variable(name: str, kind: str) -> str:
    return derived("variable", f"{kind}\x1f{name}")


def codebook_parts(codebook: Codebook, sets: tuple[Set, ...], losses: Losses) -> Iterator[str]:
    """Give the XML of a codebook with its sets from its first line to its last."""
    speller = Speller(losses)
    yield f'{_HEAD}<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="{identifiers.ORIGIN}">\n'
    yield from _section("Codes", spell_codes(codebook, speller))
    yield from _section("Sets", (_codebook_set(group, codebook, speller, losses) for group in sets))
    yield "</CodeBook>\n"


def _codebook_set(group: Set, codebook: Codebook, speller: Speller, losses: Losses) -> str:
    speller.at = f"set {group.id!r}"
    losses.add(speller.at, "document", "a codebook has no documents", len(group.documents))
    losses.add(speller.at, "code", "the codebook does not have it", sum(code not in codebook for code in group.codes))
    members = [f'<MemberCode guid="{guid_of("code", code)}"/>' for code in group.codes if code in codebook]
    attributes = {"guid": guid_of("set", group.id), "name": group.name}
    return speller.element("Set", attributes, speller.text("Description", _set_description(group)), *members)


def _set_description(group: Set) -> str:
    """The description of a set; it proves that a set is ours whose name would be taken for an attribute."""
    prove = identifiers.attribute_in(group.name) is not None
    return identifiers.described(group.description, {}, group.id, prove=prove)
