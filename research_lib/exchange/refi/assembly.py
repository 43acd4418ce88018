"""Makes a project of the content of a file: references are looked up, and those that lead nowhere are reported."""

from collections.abc import Iterable, Sequence

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Case, Losses, Project, Set, Value
from research_lib.errors import CodingError
from research_lib.exchange.refi import identifiers
from research_lib.exchange.refi.coding_rows import CodingRows
from research_lib.exchange.refi.identifiers import ID_FIELD, OURS, fields_to_code, in_order, understood
from research_lib.exchange.refi.raw_contents import CaseOrSet, CodeEntry, Contents, Text

_DIGITS, MOST_IN_MEMOS = 9, 100_000_000
NamedValues = dict[str, tuple[str, str]]


class Assembly:
    """Makes the project that a file holds."""

    def __init__(self, contents: Contents, losses: Losses):
        self._contents, self._losses = contents, losses
        self._used_notes: set[str] = set()
        self._in_memos = 0
        self._used_variables: set[str] = set()
        self._text_values = [self._values(text.values, f"source {text.name!r}") for text in contents.texts]
        self._documents = self._ids(
            "document", contents.texts, self._own("document", contents.texts, self._text_values)
        )
        self._numbers = {id_: number for number, id_ in enumerate(self._documents)}
        self._attributes = [{name: text for name, (_, text) in _others(values).items()} for values in self._text_values]
        self._fields = [identifiers.taken_apart("code", each.guid, each.description, OURS) for each in contents.codes]
        self._codes = self._ids("code", contents.codes, [fields.get("Id", "") for _, fields in self._fields])
        guids = [entry.guid for entry in reversed(contents.codes)]
        self._by_guid = dict(zip(guids, reversed(self._codes), strict=True))

    def _ids(self, kind: str, things: Sequence[Text | CodeEntry | CaseOrSet], own: Sequence[str]) -> list[str]:
        return identifiers.ids_for(kind, [thing.guid for thing in things], own, self._losses)

    def _own(self, kind: str, things: Sequence[Text | CaseOrSet], values: list[NamedValues]) -> list[str]:
        """The ids that variables give things, where their GUIDs prove them; the others are reported."""
        given = [each.get(identifiers.ID, ("", ""))[1] for each in values]
        own = identifiers.proven(kind, [thing.guid for thing in things], given)
        for thing, id_, kept in zip(things, given, own, strict=True):
            reason = f"its GUID is {thing.guid}, which was not made from that; it goes by the GUID"
            self._losses.add(f"{kind} {thing.name!r}", f"id {id_!r}", reason, id_ != kept)
        return own

    def project(self) -> Project:
        """Put everything together."""
        contents = self._contents
        rows = CodingRows(contents, self._losses, self._documents, self._by_guid)
        sets = self._sets()
        parts = {
            "codebook": Codebook((*self._codebook(), *rows.made.values())),
            "corpus": self._corpus(),
            "codings": rows.frame(self._memo),
            "cases": self._cases(rows),
            "description": self._memo([contents.description], contents.notes_on_all, "Project"),
        }
        for guid in contents.notes.keys() - self._used_notes:
            self._losses.add(f"Note {guid!r}", "note", "nothing that is read refers to it")
        for guid in contents.variables.keys() - self._used_variables:
            self._losses.add(f"variable {contents.variables[guid]!r}", "variable", "nothing has a value of it")
        return Project(name=contents.name, coders=tuple(rows.coders), sets=sets, losses=self._losses.listed(), **parts)

    def _memo(self, words: Iterable[str], guids: Iterable[str], place: str) -> str:
        """Join words and notes, each as a paragraph of its own."""
        parts = list(words)
        for guid in guids:
            if guid in self._contents.notes:
                self._used_notes.add(guid)
                parts.append(self._contents.notes[guid])
            else:
                self._losses.add(place, "note", f"there is no note {guid} in the file")
        memo = "\n\n".join(filter(None, parts))
        self._in_memos += len(memo) if len(parts) > 1 else 0
        if self._in_memos > MOST_IN_MEMOS:
            reason = f"notes that several things share make more than {MOST_IN_MEMOS:,} characters"
            raise CodingError(f"{place}: {reason}; take some of them out, and export the project again")
        return memo

    def _values(self, values: list[tuple[str, str, str]], place: str) -> NamedValues:
        """What variables say of a thing: by the variable's name, the kind of the value and its text."""
        found: NamedValues = {}
        for guid, kind, text in values:
            self._used_variables.add(guid)
            name = self._contents.variables.get(guid, "")
            if not kind:
                continue
            if not name:
                self._losses.add(place, f"value {text!r}", f"there is no variable {guid} in the file")
            elif name in found:
                self._losses.add(place, f"value {text!r} of {name!r}", "a variable has one value here")
            else:
                found[name] = (kind, text)
        return found

    def _codebook(self) -> list[Code]:
        entries = self._contents.codes
        codes = [self._code(entry, number) for number, entry in enumerate(entries)]
        numbers = [fields.get("Number", "") for _, fields in self._fields]
        if not all(number.isdecimal() and len(number) <= _DIGITS for number in numbers):
            return codes
        return [codes[at] for at in sorted(range(len(codes)), key=lambda at: int(numbers[at]))]

    def _code(self, entry: CodeEntry, number: int) -> Code:
        definition, fields = self._fields[number]
        parts = fields_to_code(fields)
        parts["memo"] = self._memo([parts["memo"]], entry.notes, f"code {entry.name!r}")
        parts["color"] = entry.color or parts["color"]
        return Code(
            id=self._codes[number],
            name=entry.name,
            parent_id=self._by_guid.get(entry.parent or ""),
            definition=definition,
            is_codable=entry.codable,
            **parts,
        )

    def _corpus(self) -> Corpus:
        """The documents, each after the one that it translates; a translation in a circle translates nothing."""
        originals = dict[str, str | None]()
        for id_, values, text in zip(self._documents, self._text_values, self._contents.texts, strict=True):
            originals[id_] = values[identifiers.ORIGINAL][1] if identifiers.ORIGINAL in values else None
            if originals[id_] is not None and originals[id_] not in self._numbers:
                reason = f"there is no document {originals[id_]!r} in the file"
                self._losses.add(f"source {text.name!r}", "translation of", reason)
                originals[id_] = None
        order, circular = in_order(originals)
        for id_ in circular:
            self._losses.add(f"document {id_!r}", "translation of", f"{originals[id_]!r} translates it, in a circle")
            originals[id_] = None
        return Corpus(tuple(self._document(self._numbers[id_], originals[id_]) for id_ in order))

    def _document(self, number: int, original: str | None) -> Document:
        text = self._contents.texts[number]
        return Document(
            id=self._documents[number],
            name=text.name,
            text=text.text,
            language=self._text_values[number].get(identifiers.LANGUAGE, ("", "und"))[1],
            translation_of=original,
            attributes=self._attributes[number],
            memo=self._memo([text.description], text.notes, f"source {text.name!r}"),
        )

    def _set_as_attribute(self, group: Set) -> None:
        """Give the documents in a set that is named like `gender: female` that value as an attribute too."""
        name, value = identifiers.attribute_in(group.name) or ("", "")
        for id_ in group.documents if name else ():
            present = self._attributes[self._numbers[id_]].setdefault(name, value)
            reason = f"document {id_!r} has {present!r} already; the set is kept"
            self._losses.add(f"Set {group.name!r}", "attribute", reason, present != value)

    def _cases(self, rows: CodingRows) -> tuple[Case, ...]:
        things = self._contents.cases
        values = [self._values(thing.values, f"Case {thing.name!r}") for thing in things]
        ids = self._ids("case", things, self._own("case", things, values))
        return tuple(
            Case(
                id=id_,
                name=thing.name,
                description=thing.description,
                attributes={name: self._value(*value, f"{place}, {name}") for name, value in _others(own).items()},
                documents=self._sources(thing.targets["SourceRef"], place),
                codings=rows.of_case(thing, place),
                codes=self._known(thing.targets["CodeRef"], place),
            )
            for thing, id_, own in zip(things, ids, values, strict=True)
            for place in [f"Case {thing.name!r}"]
        )

    def _value(self, kind: str, text: str, place: str) -> Value:
        try:
            return understood(kind, text)
        except ValueError:
            self._losses.add(place, "kind of a value", f"{text!r} is not of the kind {kind}; it is kept as a text")
            return text

    def _sets(self) -> tuple[Set, ...]:
        things = self._contents.sets
        apart = [identifiers.taken_apart("set", thing.guid, thing.description, ID_FIELD) for thing in things]
        ids = self._ids("set", things, [fields.get("Id", "") for _, fields in apart])
        found = list[Set]()
        for thing, id_, (body, fields) in zip(things, ids, apart, strict=True):
            place = f"Set {thing.name!r}"
            codes = self._known(thing.targets["MemberCode"], place)
            found.append(Set(id_, thing.name, body, codes, self._sources(thing.targets["MemberSource"], place)))
            if not fields:
                self._set_as_attribute(found[-1])
        return tuple(found)

    def _known(self, guids: list[str], place: str) -> tuple[str, ...]:
        for guid in guids:
            if guid not in self._by_guid:
                self._losses.add(place, "code", f"there is no code {guid} in the file")
        return tuple(self._by_guid[guid] for guid in guids if guid in self._by_guid)

    def _sources(self, guids: list[str], place: str) -> tuple[str, ...]:
        sources = self._contents.sources
        for guid in guids:
            if not sources.get(guid):
                self._losses.add(place, "source", f"there is no source {guid} with a text in the file")
        return tuple(self._documents[number] for guid in guids for number in sources.get(guid, []))


def _others(values: NamedValues) -> NamedValues:
    """The values of attributes by their names, without those of our own variables."""
    own = identifiers.RESERVED
    return {name.removeprefix(identifiers.OWN): each for name, each in values.items() if name not in own}
