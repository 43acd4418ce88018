"""What changed between two versions of a study, for those who follow it: a text to mail, a CSV, an Atom feed."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from lxml import etree
from lxml.builder import ElementMaker

from research_lib.errors import StudyError, seen
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.study import Study
from research_lib.evidence.study_changes import study_changes
from research_lib.files import spreadsheet
from research_lib.files.saving import save_file

_WIDTH, _LONGEST, _EMPTY = 72, 300, "(empty)"
_NAMESPACES = ("http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml")
_ATOM, _XHTML = (ElementMaker(namespace=name, nsmap={None: name}) for name in _NAMESPACES)


def changes_text(old: Study, new: Study) -> str:
    """Write what changed from one version to the next as plain text in short lines: the counts first, then by table."""
    changes = study_changes(old, new)
    lines = [*_wrapped(new.settings.title), "", f"{_counted(changes).capitalize()}."]
    for table, rows in changes.groupby("table", sort=False):
        lines += ["", f"{table}: {_counted(rows)}"]
        for head, *more in rows_told(rows):
            lines += ["", *_wrapped(head, "  "), *(line for each in more for line in _wrapped(each, "    "))]
    return "\n".join([*lines, ""])


def changes_feed(old: Study, new: Study) -> bytes:
    """Write what changed as an Atom feed, with an entry for each table; the same two versions give the same bytes.

    Raises StudyError where the new version has no date, or not one after that of the old.
    """
    return feed_of_versions({later_day(old, new): study_changes(old, new)}, new.settings)


def feed_of_versions(changes: Mapping[str, pd.DataFrame], settings: StudySettings) -> bytes:
    """Write what changed in each version, by its day, as one Atom feed, the newest version first."""
    title = seen(settings.title)
    feed = _ATOM.feed(*_head(f"{title}: what changed", max(changes), title))
    feed.extend(_ATOM.author(_ATOM.name(seen(name))) for name in settings.authors or [title])
    for day in sorted(changes, reverse=True):
        for table, rows in changes[day].groupby("table", sort=False):
            told = [_XHTML.li(head, *map(_XHTML.div, more)) for head, *more in rows_told(rows)]
            content = _ATOM.content(_XHTML.div(_XHTML.ul(*told)), type="xhtml")
            feed.append(_ATOM.entry(*_head(f"{table}: {_counted(rows)}", day, title, str(table), day), content))
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))


def write_changes(old: Study, new: Study, path: Path) -> Path:
    """Write what changed to a file, by its ending: .txt, .csv (text that a spreadsheet would compute guarded), .atom.

    Raises StudyError for another ending, for a file in one of the two studies, and as `changes_feed` does; SavingError.
    """
    if path.suffix not in (".txt", ".csv", ".atom"):
        raise StudyError(f"{path}: write to a file that ends in .txt, .csv, .atom")
    if inside := [each.path for each in (old, new) if path.resolve().is_relative_to(each.path.resolve())]:
        raise StudyError(f"{path} lies in the study {inside[0]}; write to a file outside it")
    if path.suffix == ".csv":
        save_file(path, spreadsheet.write_frame(study_changes(old, new)))
    else:
        save_file(path, changes_text(old, new) if path.suffix == ".txt" else changes_feed(old, new))
    return path


def later_day(old: Study, new: Study) -> str:
    """Give the date of the later version, by which readers of a feed know its entries from those before.

    Raises StudyError where it has none, or one not after that of the earlier version.
    """
    before, day = old.settings.version_date, new.settings.version_date
    if day is None:
        raise StudyError(
            f"{new.path / 'study.toml'}: a feed needs the version's date, such as version_date = 2026-12-01"
        )
    if before and before >= day:
        said = f"{old.path} is of {before}, and {new.path}, the later version, of {day}"
        raise StudyError(f"{said}; name the earlier one first, or give the later one its own version_date")
    return day.isoformat()


def _head(title: str, day: str, *names: str) -> list[etree._Element]:
    """The elements that a feed and each of its entries must have; the id is made of names."""
    urn = uuid5(NAMESPACE_URL, "\n".join(names)).urn
    return [_ATOM.id(urn), _ATOM.title(title), _ATOM.updated(f"{day}T00:00:00Z")]


def _counted(changes: pd.DataFrame) -> str:
    """How many rows were added, changed and withdrawn, such as `2 rows added, 1 withdrawn`."""
    each = changes.drop_duplicates(["table", "id", "change"])["change"]
    counts = {change: int((each == change).sum()) for change in ("added", "changed", "withdrawn")}
    said = ", ".join(f"{number} {change}" for change, number in counts.items() if number)
    return said.replace(" ", " row " if said.startswith("1 ") else " rows ", 1) or "nothing has changed"


def rows_told(rows: pd.DataFrame) -> Iterator[list[str]]:
    """Give each row that changed as lines: what happened to it, then its cells, and the reason where one is told."""
    for (name, change), cells in rows.groupby(["id", "change"], sort=False):
        lines = [f"{change} {name}"]
        for each in cells.itertuples():
            if change == "changed":
                lines += [
                    f"{each.column}, before: {_short(each.before) or _EMPTY}",
                    f"{each.column}, now: {_short(each.after) or _EMPTY}",
                ]
            else:
                lines.append(_short(each.before or each.after))
        lines += [f"reason: {reason}" for reason in cells["reason"].unique() if reason]
        yield [seen(line) for line in lines]


def _short(text: str) -> str:
    """A cell, cut where it is long: the CSV has all of it."""
    return textwrap.shorten(text.replace(";", "; "), _LONGEST, placeholder=" …")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(seen(text), _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
