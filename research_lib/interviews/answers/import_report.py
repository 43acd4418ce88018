"""The report of an import: what became of its records, and everything in the export that did not come in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched

from research_lib.errors import Problem, seen
from research_lib.files.tabular import Note
from research_lib.interviews.answers.answer_columns import once_each
from research_lib.interviews.answers.cell_spellings import BLANK_WORD
from research_lib.interviews.answers.kobo_export import Export

_AT_ONCE, OTHER_SHEET = 1000, "other sheet"  # each sheet of an export is read as a table of its own


@dataclass(frozen=True)
class Dropped:
    """A column that does not come in: why, and how many of its cells held something; never what they held.

    `question` is the question of the form that it holds, where a reason would let it in.
    """

    file: str
    column: str
    kind: str
    cells: int
    question: str = ""


@dataclass(frozen=True)
class Report:
    """What became of an export: its records, and everything in it that did not come in."""

    read: int
    taken: int
    without_consent: int
    not_covered: int
    twice: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    withheld: int
    conflicts: tuple[Problem, ...]
    left: tuple[str, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.read} records read, {self.taken} taken",
            f"{self.without_consent} without consent, {self.not_covered} whose consent does not cover this study",
            *(f"sent several times: {sentence}" for sentence in self.twice),
            *(f"not brought in: {sentence}" for sentence in _each_once(self.dropped)),
            *_how_to_allow(self.dropped),
            *([f"{self.withheld} cells kept back"] if self.withheld else []),
            *once_each(self.conflicts),
            *(f"not read: {name}" for name in self.left),
            *self.notes,
        ]
        return "\n".join(map(seen, lines))


def _each_once(dropped: Iterable[Dropped]) -> Iterator[str]:
    """Each column, and those of one question together."""
    together: dict[tuple[str, str, str], list[Dropped]] = defaultdict(list)
    for each in dropped:
        together[each.file, each.question or each.column, each.kind].append(each)
    for parts in together.values():
        more = f" and {len(parts) - 1} more columns of this question" if parts[1:] else ""
        yield f"{parts[0].file} {parts[0].column}{more} ({parts[0].kind}), {sum(each.cells for each in parts)} cells"


def _how_to_allow(dropped: Iterable[Dropped]) -> Iterator[str]:
    """How a question comes in whose words only seem to say who somebody is."""
    if names := [*dict.fromkeys(each.question for each in dropped if each.question)]:
        yield (
            f"{len(names)} of these are questions that could say who somebody is ({', '.join(names)}): they stay out; "
            "one that does not say it comes in with --allow NAME=REASON"
        )


def left_out(export: Export) -> Iterator[Dropped]:
    """Give every column of an export that does not come in, except those that the mapping uses."""
    for columns in export.sheets:
        kinds = {
            **columns.dropped,
            **dict.fromkeys(columns.ignored, "ignored as asked"),
            **dict.fromkeys(columns.own, "the export's own"),
            **columns.unread,
        }
        used = frozenset(columns.table.mapped.values())
        for headers in batched((header for header in kinds if header not in used), _AT_ONCE):
            filled = columns.table.frame[list(headers)].to_numpy(dtype=object, na_value="") != ""
            for header, cells in zip(headers, filled.sum(axis=0).tolist(), strict=True):
                yield Dropped(columns.table.file, header, kinds[header], cells, columns.allowable.get(header, ""))


def notes_of(export: Export) -> Iterator[str]:
    """Give what the mapping used and the reader noted, except about columns that do not come in."""
    blank: dict[str, list[tuple[str, Note]]] = defaultdict(list)
    for columns in export.sheets:
        if mapped := columns.table.mapped:
            used = ", ".join(f"{name} is the column {header!r}" for name, header in mapped.items())
            yield f"{columns.table.file}: as the mapping says, {used}"
        silent = {*columns.dropped, *columns.ignored, *columns.own, *columns.unread}
        for note in (note for note in columns.table.notes if note.kind != OTHER_SHEET):
            if note.column not in silent and note.kind == BLANK_WORD:
                blank[note.text].append((columns.table.file, note))
            elif note.column not in silent:
                yield f"{columns.table.file}: {note}"
    for text, ((file, first), *others) in blank.items():
        cells = sum(note.count for _, note in others) + first.count
        yield f"{text} in {len(others) + 1} columns ({cells:,} cells)" if others else f"{file}: {first}"
