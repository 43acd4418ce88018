"""The sources of a project: their texts, and the codings on them put into code points."""

from collections import Counter

import numpy as np

from research_lib.exchange.refi import elements
from research_lib.exchange.refi.contents import Codings, Contents, Selections, Text
from research_lib.exchange.refi.elements import Element, guid_in, inside, local, place_of, targets, text_in
from research_lib.exchange.refi.files import Files, Plain
from research_lib.exchange.refi.guids import plain
from research_lib.exchange.refi.losses import Losses
from research_lib.exchange.refi.paragraphs import ID, split
from research_lib.exchange.refi.positions import Convention, Placed, begins, habit_of, place

_FAR = 1 << 62
_ONLY_TEXT = "only codings on text are read"


class SourceReader:
    """Reads selections as they come and, at the end of its element, each text with all that was selected in it."""

    def __init__(self, contents: Contents, files: Files, losses: Losses, *, told: Convention | None):
        self._contents, self._files, self._losses, self._told = contents, files, losses, told
        self._selections: dict[Element, Selections] = {}
        self._texts: dict[Element, Text] = {}

    def selection(self, element: Element) -> None:
        """Read one selection of plain text into the columns of its text."""
        parent = element.getparent()
        if parent not in self._selections:
            self._selections[parent] = Selections()
        start, end = _position(element.get("startPosition")), _position(element.get("endPosition"))
        self._add(self._selections[parent], element, start, end)

    def _add(self, columns: Selections, element: Element, start: int, end: int) -> None:
        attributes = dict(element.items())
        number, first = len(columns.guids), len(columns.ids)
        columns.guids.append(plain(attributes.get("guid", "")))
        columns.starts.append(start)
        columns.ends.append(end)
        columns.names.append(attributes.get("name"))
        if not attributes.keys() <= elements.SELECTION_ATTRIBUTES:
            elements.tell_strangers(element, self._losses)
        for child in element:
            name = local(child)
            if name == "Coding":
                self._coding(columns, child, number, attributes)
            elif name == "NoteRef":
                columns.memos.setdefault(number, []).append(plain(child.get("targetGUID") or ""))
            elif name == "Description":
                self._describe(columns, child.text or "", number, first)
            else:
                self._losses.add("PlainTextSelection", f"element {name}", "the standard has no such element here")

    def _describe(self, columns: Selections, text: str, number: int, first: int) -> None:
        comment, fields = split(text, ID)
        if comment:
            columns.comments[number] = comment
        if "Id" in fields:
            columns.renamed[first] = fields["Id"]

    def _coding(self, columns: Selections, element: Element, number: int, selection: dict[str, str]) -> None:
        attributes = dict(element.items())
        if not attributes.keys() <= elements.CODING_ATTRIBUTES:
            elements.tell_strangers(element, self._losses)
        code = ""
        for child in element:
            name, target = local(child), plain(child.get("targetGUID") or "")
            if name == "CodeRef" and not code:
                code = target
            elif name == "NoteRef":
                columns.notes.setdefault(len(columns.ids), []).append(target)
            else:
                self._losses.add("Coding", f"element {name}", "a coding has one code, and notes")
        columns.at.append(number)
        columns.ids.append(plain(attributes.get("guid", "")))
        columns.codes.append(code)
        columns.users.append(attributes.get("creatingUser") or selection.get("creatingUser", ""))
        columns.times.append(attributes.get("creationDateTime") or selection.get("creationDateTime"))

    def text(self, element: Element) -> None:
        """Read the text in an element and place what was selected in it."""
        elements.tell_strangers(element, self._losses)
        where = place_of(element)
        columns = self._selections.pop(element, None) or Selections()
        self._spoken(element, columns)
        found = self._plain(element)
        if isinstance(found, str):
            self._losses.add(where, "text", found)
            self._losses.add(where, "coding", "its text is missing", len(columns.ids))
            found, columns = Plain(""), Selections()
        codings = [self._placed(where, found, columns)] if columns.guids else []
        guid, name = guid_in(element), element.get("name")
        self._texts[element] = Text(guid, guid if name is None else name, found.text, codings)

    def _plain(self, element: Element) -> Plain | str:
        path, inline = element.get("plainTextPath"), text_in(element, "PlainTextContent")
        if path and element.get("richTextPath"):
            self._losses.add(local(element), "attribute richTextPath", "only the plain text is read")
        if path:
            found = self._files.plain(path)
            return found if isinstance(found, Plain) or inline is None else Plain(inline)
        if inline is not None:
            return Plain(inline)
        return "the file has no plain text of it; export it as plain text too"

    def _spoken(self, element: Element, columns: Selections) -> None:
        """Selections between two times of a recording, where the transcript says at which place each time is."""
        places = {guid_in(sync): _position(sync.get("position")) for sync in inside(element, "SyncPoint")}
        for selection in inside(element, "TranscriptSelection"):
            ends = [places.get(plain(selection.get(name) or ""), -1) for name in ("fromSyncPoint", "toSyncPoint")]
            self._add(columns, selection, *ends)
        self._losses.add(place_of(element), "SyncPoint", "a text here has no times", len(places))

    def _placed(self, where: str, found: Plain, columns: Selections) -> Codings:
        starts, ends = (np.array(column, dtype="int64") for column in (columns.starts, columns.ends))
        hints = [columns.comments.get(number) or name for number, name in enumerate(columns.names)]
        habit = habit_of(self._contents.origin)
        placed = place(found.text, starts, ends, hints, bom=found.bom, habit=habit, told=self._told)
        self._tell_doubt(where, placed)
        self._tell_names(where, found.text, columns, placed)
        at = np.array(columns.at, dtype="int64")
        kept = np.flatnonzero(placed.fits[at])
        outside = f"it stands outside its text of {len(found.text):,} characters, or inside one"
        self._losses.add(where, "coding", outside, len(at) - len(kept))
        self._losses.add(where, "selection without a code", "only what is coded is read", len(starts) - len(set(at)))
        return _chosen(columns, at, kept, placed)

    def _tell_doubt(self, where: str, placed: Placed) -> None:
        if placed.others:
            ways = "; ".join(map(str, placed.others))
            reason = f"they may be off: counted as “{placed.taken}”, but “{ways}” suits as well; say which: positions="
            self._losses.add(where, "position", reason, len(placed.starts))

    def _tell_names(self, where: str, text: str, columns: Selections, placed: Placed) -> None:
        """A description that repeats the selected text says nothing new; any other is a comment, and stays."""
        for number, name in enumerate(columns.names):
            if name or number in columns.comments:
                selected = text[placed.starts[number] : placed.ends[number]] if placed.fits[number] else ""
                if begins(columns.comments.get(number, ""), selected):
                    del columns.comments[number]
                if name and not begins(name, selected):
                    self._losses.add(where, "name of a selection", "a coding here has no name")

    def note(self, element: Element) -> None:
        """Read a memo; its name, where it has one, becomes its first paragraph."""
        self.text(element)
        found = self._texts.pop(element)
        self._losses.add(place_of(element), "coding", _ONLY_TEXT, _count(found))
        self._contents.notes[found.guid] = "\n\n".join(filter(None, [element.get("name"), found.text]))

    def source(self, element: Element) -> None:
        """Read a source: a text, or a picture, PDF or recording with the texts that it has."""
        if local(element) == "TextSource":
            self.text(element)
        else:
            elements.tell_strangers(element, self._losses)
        texts = [self._texts.pop(each) for each in (element, *inside(element, *elements.TEXTS)) if each in self._texts]
        if local(element) != "TextSource":
            self._name_texts(element, texts)
            self._tell_areas(element)
        self._tell_rest(element, texts)
        numbers = range(len(self._contents.texts), len(self._contents.texts) + len(texts))
        self._contents.sources[guid_in(element)] = list(numbers)
        self._contents.sources |= {text.guid: [number] for text, number in zip(texts, numbers, strict=True)}
        self._contents.texts += texts
        self._selections.clear()
        self._texts.clear()

    def _name_texts(self, element: Element, texts: list[Text]) -> None:
        """The only text of a source goes by the source's own GUID and name; each of several keeps its GUID."""
        name = element.get("name") or ""
        for number, text in enumerate(texts, start=1):
            if len(texts) == 1:
                self._contents.sources[text.guid] = [len(self._contents.texts)]
                text.guid, text.name = guid_in(element), name or text.name
            else:
                text.name = f"{name}: {text.name or number}"

    def _tell_areas(self, element: Element) -> None:
        where = place_of(element)
        counts = Counter(local(area) for area in inside(element, *elements.SELECTIONS))
        for name, count in counts.items():
            self._losses.add(where, name, "only selections of text are read", count)
        codings = sum(1 for area in inside(element, *elements.SELECTIONS) for _ in inside(area, "Coding"))
        inner = sum(len(columns.ids) for columns in self._selections.values())
        inner += sum(map(_count, self._texts.values()))
        self._losses.add(where, "coding on an area or a time", _ONLY_TEXT, codings + inner)

    def _tell_rest(self, element: Element, texts: list[Text]) -> None:
        """Give what is said of a source as a whole to its texts; a source without one is not carried over."""
        whole, values = Selections([""]), values_in(element)
        description, notes = text_in(element, "Description") or "", targets(element, "NoteRef")
        for coding in inside(element, "Coding"):
            self._coding(whole, coding, 0, {})
        if not texts:
            where, said = place_of(element), len(values) + len(notes) + bool(description)
            self._losses.add(where, "source", "it has no text, and only texts are read")
            self._losses.add(where, "coding", _ONLY_TEXT, len(whole.ids))
            self._losses.add(where, "value, note or description", "its source is not carried over", said)
        for text in texts:
            text.values = values
        for text in texts[:1]:
            text.description, text.notes = description, notes
            text.codings += [_on_all(whole, len(text.text))] if whole.ids else []


def _count(text: Text) -> int:
    return sum(len(part.ids) for part in text.codings)


def _on_all(columns: Selections, length: int) -> Codings:
    """The codings of a source as codings on all of its text."""
    at = np.zeros(len(columns.ids), dtype="int64")
    everything = Placed(np.array([0]), np.array([length]), np.array([True]))
    return _chosen(columns, at, np.arange(len(at)), everything)


def values_in(element: Element) -> list[tuple[str, str, str]]:
    """List the values of variables in an element: the variable's GUID, the kind, and the text; without empty ones."""
    found = []
    for value in inside(element, "VariableValue"):
        variable = next(iter(targets(value, "VariableRef")), "")
        found += [
            (variable, local(child).removesuffix("Value"), child.text or "")
            for child in value.iterchildren("*")
            if local(child) != "VariableRef" and (child.text or local(child) == "TextValue")
        ]
    return found


def _position(text: str | None) -> int:
    try:
        return max(min(int(text or ""), _FAR), -_FAR)
    except ValueError:
        return -1


def _chosen(columns: Selections, at: np.ndarray, kept: np.ndarray, placed: Placed) -> Codings:
    """The codings that have a place, each with the words and notes on it and on its selection."""
    numbers, selections = kept.tolist(), at[kept].tolist()
    notes = {
        row: columns.memos.get(selection, []) + columns.notes.get(number, [])
        for row, (number, selection) in enumerate(zip(numbers, selections, strict=True))
        if selection in columns.memos or number in columns.notes
    }
    comments = {
        row: columns.comments[selection] for row, selection in enumerate(selections) if selection in columns.comments
    }
    return Codings(
        starts=placed.starts[at[kept]],
        ends=placed.ends[at[kept]],
        ids=[columns.renamed.get(number) or columns.ids[number] for number in numbers],
        codes=[columns.codes[number] for number in numbers],
        users=[columns.users[number] for number in numbers],
        times=[columns.times[number] for number in numbers],
        selections=[columns.guids[selection] for selection in selections],
        comments=comments,
        notes=notes,
    )
