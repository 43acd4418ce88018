"""The sources of a project and its notes: their texts, the selections on them, and all that describes each."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache

from research_lib.coding.project import Losses
from research_lib.errors import CodingError
from research_lib.exchange.refi import elements
from research_lib.exchange.refi.elements import Element, guid_in, inside, local, place_of, targets, text_in, values_in
from research_lib.exchange.refi.identifiers import ID_FIELD, is_own, plain, split_fields
from research_lib.exchange.refi.raw_contents import Contents, ProjectFiles, RawCoding, Selection, Text

MOST_TEXTS, MOST_CHARACTERS = 20_000, 256 << 20
_FAR = 1 << 62
_ONLY_TEXT = "only codings on text are read"


class SourceReader:
    """Reads selections as they come and, at the end of its element, each text with all that was selected in it."""

    def __init__(self, contents: Contents, files: ProjectFiles, losses: Losses):
        self._contents, self._files, self._losses = contents, files, losses
        self._selections: defaultdict[Element, list[Selection]] = defaultdict(list)
        self._texts: dict[Element, Text] = {}
        self._text_at = cache(files.plain)  # read once, however many sources name it
        self._characters = 0
        self.notes: dict[str, list[str]] = {}

    def selection(self, element: Element) -> None:
        """Read one selection of plain text, and keep it for its text."""
        stretch = position(element.get("startPosition")), position(element.get("endPosition"))
        self._selections[element.getparent()].append(read_selection(element, stretch, self._losses))

    def text(self, element: Element) -> None:
        """Read the text in an element, what was selected in it, and what describes it."""
        elements.report_unknown(element, self._losses)
        text = self._as_a_whole(element)
        text.selections = self._selections.pop(element, [])
        # Selections between two times of a recording, where the transcript says at which place each time is.
        places = {guid_in(sync): position(sync.get("position")) for sync in inside(element, "SyncPoint")}
        for each in inside(element, "TranscriptSelection"):
            start, end = (places.get(plain(each.get(name) or ""), -1) for name in ("fromSyncPoint", "toSyncPoint"))
            text.selections.append(read_selection(each, (start, end), self._losses))
        self._losses.add(place_of(element), "SyncPoint", "a text here has no times", len(places))
        found = self._plain(element)
        if isinstance(found, str):
            self._losses.add(text.place, "text", found)
            self._losses.add(text.place, "coding", "its text is missing", _count(text.selections))
            found, text.selections = ("", False), []
        text.text, text.bom = found
        # A text counts each time that a source names it, since its selections are placed each time.
        self._characters += len(text.text)
        if self._characters > MOST_CHARACTERS:
            reason = f"the texts of its sources have more than {MOST_CHARACTERS:,} characters"
            raise CodingError(f"{self._files.place}: {reason}; export the project in parts")
        self._texts[element] = text
        del element[:]

    def _as_a_whole(self, element: Element) -> Text:
        """What describes a source, a text or a note as a whole."""
        guid = guid_in(element)
        return Text(
            guid,
            element.get("name", guid),
            place_of(element),
            whole=[read_coding(coding, {}, self._losses) for coding in inside(element, "Coding")],
            description=text_in(element, "Description") or "",
            notes=targets(element, "NoteRef"),
            values=values_in(element, self._losses),
        )

    def _plain(self, element: Element) -> tuple[str, bool] | str:
        path, inline = element.get("plainTextPath"), text_in(element, "PlainTextContent")
        if path and element.get("richTextPath"):
            self._losses.add(local(element), "attribute richTextPath", "only the plain text is read")
        found = self._text_at(path) if path else ""
        if isinstance(found, tuple):
            other = bool(inline) and inline != found[0]
            self._losses.add(place_of(element), "text in the XML", f"the one at {path!r} was read instead", other)
            return found
        if inline or (inline is not None and not path):
            self._losses.add(place_of(element), "file of the text", f"{found}; the text in the XML is read", bool(path))
            return inline, False
        return found or "the file has no plain text of it; export it as plain text too"

    def note(self, element: Element) -> None:
        """Read a memo; its name and its description, where it has them, become its first paragraphs."""
        is_alone = len(element) == 1 and list(element.keys()) == ["guid"] and not len(element[0])
        # Most memos have a GUID and a text of their own, and nothing else.
        if is_alone and local(element[0]) == "PlainTextContent" and (guid := guid_in(element)) not in self.notes:
            self.notes[guid] = [element[0].text or ""]
            return
        self.text(element)
        found = self._texts.pop(element)
        self._losses.add(found.place, "coding", _ONLY_TEXT, _count(found.selections) + len(found.whole))
        self._losses.add(found.place, "note on a note", "a memo has no memo", len(found.notes))
        self._losses.add(found.place, "value of a note", "a memo has no attributes", len(found.values))
        self._losses.add(found.place, "GUID", "two notes have it; they became one", found.guid in self.notes)
        words = [element.get("name"), found.description, found.text]
        self.notes.setdefault(found.guid, []).extend(word for word in words if word)

    def source(self, element: Element) -> None:
        """Read a source: a text, or a picture, PDF or recording with the texts that it has."""
        if local(element) == "TextSource":
            self.text(element)
            texts = [self._texts.pop(element)]
        else:
            texts = self._texts_of_medium(element)
        if len(self._contents.texts) >= MOST_TEXTS:
            reason = f"it has more than {MOST_TEXTS:,} texts"
            raise CodingError(f"{self._files.place}: {reason}; export the project in parts")
        numbers = range(len(self._contents.texts), len(self._contents.texts) + len(texts))
        self._contents.sources |= {text.guid: [number] for text, number in zip(texts, numbers, strict=True)}
        self._contents.sources[guid_in(element)] = list(numbers)
        if len(texts) == 1:
            texts[0].guid = guid_in(element)
        self._contents.texts += texts
        self._selections.clear()
        self._texts.clear()

    def _texts_of_medium(self, element: Element) -> list[Text]:
        """The texts of a source; what describes it as a whole goes to the first, and its values to each."""
        elements.report_unknown(element, self._losses)
        texts = [self._texts.pop(each) for each in inside(element, *elements.TEXTS) if each in self._texts]
        self._report_areas(element)
        source, name = self._as_a_whole(element), element.get("name") or ""
        for number, text in enumerate(texts, start=1):
            text.name = f"{name}: {text.name or number}" if len(texts) > 1 else name or text.name
            text.values = source.values + text.values
        if texts:
            text = texts[0]
            text.whole = source.whole + text.whole
            text.description = "\n\n".join(filter(None, [source.description, text.description]))
            text.notes = source.notes + text.notes
        else:
            self._losses.add(source.place, "source", "it has no text, and only texts are read")
            self._losses.add(source.place, "coding", _ONLY_TEXT, len(source.whole))
            others = len(source.values) + len(source.notes) + bool(source.description)
            self._losses.add(source.place, "value, note or description", "its source is not carried over", others)
        return texts

    def _report_areas(self, element: Element) -> None:
        where = place_of(element)
        counts = Counter(local(area) for area in inside(element, *elements.SELECTIONS))
        for name, count in counts.items():
            self._losses.add(where, name, "only selections of text are read", count)
        codings = sum(1 for area in inside(element, *elements.SELECTIONS) for _ in inside(area, "Coding"))
        inner = sum(map(_count, self._selections.values()))
        inner += sum(_count(text.selections) + len(text.whole) for text in self._texts.values())
        self._losses.add(where, "coding on an area or a time", _ONLY_TEXT, codings + inner)


def _count(selections: Iterable[Selection]) -> int:
    return sum(len(each.codings) for each in selections)


def position(text: str | None) -> int:
    """Read a position; what is not one lies before the text."""
    try:
        return max(min(int(text or ""), _FAR), -_FAR)
    except ValueError:
        return -1


def read_selection(element: Element, stretch: tuple[int, int], losses: Losses) -> Selection:
    """Read one selection, with its codings."""
    attributes = dict(element.items())
    codings, notes, described = list[RawCoding](), list[str](), ""
    if not attributes.keys() <= elements.SELECTION_ATTRIBUTES:
        elements.report_unknown(element, losses)
    for child in element:
        name = local(child)
        if name == "Coding":
            codings.append(read_coding(child, attributes, losses))
        elif name == "NoteRef":
            notes.append(plain(child.get("targetGUID") or ""))
        elif name == "Description":
            described = "\n\n".join(filter(None, [described, "".join(child.itertext())]))
        else:
            losses.add(local(element), f"element {name}", "the standard has no such element here")
    # A description is a comment, or has the id of the coding that is proven by it.
    comment, fields = split_fields(described, ID_FIELD) if "Id: " in described else (described, {})
    own = fields.get("Id", "")
    renamed = next((each for each in codings if is_own("coding", each.id, own)), None)
    if renamed:
        renamed.id = own
    words = comment if renamed else described
    guid = plain(attributes.get("guid", ""))
    return Selection(guid, *stretch, attributes.get("name"), words, notes or (), codings or ())


def read_coding(element: Element, selection: dict[str, str], losses: Losses) -> RawCoding:
    """Read one coding, for which the attributes of its selection stand in for those that it lacks."""
    attributes = dict(element.items())
    if not attributes.keys() <= elements.CODING_ATTRIBUTES:
        elements.report_unknown(element, losses)
    code, notes = "", list[str]()
    for child in element:
        name, target = local(child), plain(child.get("targetGUID") or "")
        if name == "CodeRef" and not code:
            code = target
        elif name == "NoteRef":
            notes.append(target)
        else:
            losses.add("Coding", f"element {name}", "a coding has one code, and notes")
    user = attributes.get("creatingUser") or selection.get("creatingUser", "")
    time = attributes.get("creationDateTime") or selection.get("creationDateTime")
    return RawCoding(plain(attributes.get("guid", "")), code, user, time, notes or ())
