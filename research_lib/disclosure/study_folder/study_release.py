"""Releasing a study folder: its cases, plan and policy give the next release, beside the earlier releases."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.earlier_releases import EarlierNames
from research_lib.disclosure.plan_losses import InformationLoss, information_loss
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.renamed_variables import NewNames, RenamedError
from research_lib.disclosure.release import build_release
from research_lib.disclosure.released import Released, ReleaseError
from research_lib.disclosure.signatures import (
    CHECKERS,
    TRUSTED_KEYS,
    TrustedKey,
    own_key,
    public_part,
    read_trusted_keys,
    trust,
)
from research_lib.disclosure.study_folder.output_checking import (
    WAITS,
    hand_over,
    require_name,
    require_none_waiting,
    waiting_folder,
)
from research_lib.disclosure.study_folder.release_series import (
    DIGESTS_FILE,
    HISTORY,
    RELEASED,
    current_series,
    earlier_releases,
    list_digests,
    logged,
    remove_unfinished,
    require_complete,
    require_later,
)
from research_lib.disclosure.study_folder.release_settings import ReleaseSettings
from research_lib.disclosure.suppression_report import Coverage
from research_lib.files.locking import locked
from research_lib.interviews.case_files import read_cases
from research_lib.published_cells import HIDDEN

KEY_FILE = "release.key"


@dataclass(frozen=True)
class StudyRelease:
    """A new release, its folder, and the report that stays with the study.

    `cleared`: what a stopped release had left, and was removed. `shown_again`: how many cells it shows that an earlier
    release hides, which only the first release of a series can. `waits`: whether it waits for the study's checkers.
    `coverage`: how much it shows.
    """

    released: Released
    folder: Path
    report: Path
    cleared: tuple[Path, ...]
    shown_again: int
    waits: bool
    coverage: Coverage


class NothingShownError(ReleaseError):
    """A release would show no cell; it needs a yes, since it binds the later ones."""


def release_study(
    folder: Path,
    day: date,
    *,
    new_series: bool = False,
    accept_eroded: bool = False,
    accept_nothing_shown: bool = False,
    person: str = "",
    progress: Progress = str,
) -> StudyRelease:
    """Build the next release of a study into `released/<date>`, protected together with the earlier ones of its series.

    `new_series`: begin a series, in which cells may be shown that earlier releases hide; whoever knows all that has
    changed in such a cell since can go back to the earlier count. Do it when nobody can know so many changes any more.
    `accept_eroded`: release also where earlier releases and known changes leave a hidden cell less open than promised;
    the log and the report name these cells. `accept_nothing_shown`: release also where no cell is shown; without it,
    this raises NothingShownError. `person`: who asks, for the log; where the study has checkers, another person than
    its checker. The folder holds `cases/`, `release/plan.toml` and, where the usual rules do not fit,
    `release/policy.toml`. The key, the report, the log, the digests of all releases and what was counted at each
    (`history/`) stay in `cases/`; the key's public part is added to `release/trusted_keys.toml`. `renamed.csv`
    says which variables and codes have other names by now. With keys in `release/checkers.toml` the release waits in
    `waiting/`, with a copy of the report, until one of their holders signs it; see `countersign`. Cases and releases
    are locked meanwhile. What a stopped release left is removed. Raises what `build_release`, `read_cases` and `locked`
    raise; then nothing was released, unless the message says so.
    """
    released, cases, settings = folder / RELEASED, folder / "cases", ReleaseSettings.read(folder)
    waits = bool(read_trusted_keys(folder / CHECKERS))
    if not cases.is_dir():
        read_cases(cases)
    with (
        locked(cases, progress=progress),
        locked(released, progress=progress),
        logged(cases, person, "release", day) as log,
    ):
        require_name(folder, person)
        require_none_waiting(folder)
        records, key = read_cases(cases), own_key(cases / KEY_FILE)
        trust(folder / TRUSTED_KEYS, TrustedKey(public_part(key), "this study", synthetic=records.is_synthetic))
        every = earlier_releases(released)
        digests = require_complete(cases / DIGESTS_FILE, every)
        cleared, eroded, covered = remove_unfinished(folder, every), list[pd.DataFrame](), list[Coverage]()
        require_later(day, every)
        report, place = cases / f"release-{day}.md", (waiting_folder(folder) if waits else released) / str(day)
        _log_wishes(settings.plan, log)
        made = build_release(
            records,
            settings.plan,
            settings.policy,
            place,
            date=day,
            earlier=() if new_series else current_series(every),
            key=key,
            report=report,
            history=cases / HISTORY,
            renamed=settings.renamed,
            accept_eroded=eroded.append if accept_eroded else None,
            on_covered=lambda found: covered.append(_accepted_coverage(found, accept_nothing_shown)),
            progress=progress,
        )
        if not waits:
            list_digests(cases / DIGESTS_FILE, [*digests, made.digest], place)
        log(WAITS if waits else "released", _accepted(eroded), said=f"{place}: the release is there, whole")
    if waits:
        hand_over(folder, report, person=person, day=day)
    return StudyRelease(made, place, report, cleared, _shown_again(made, every, settings.renamed), waits, covered[0])


def dry_run(
    folder: Path,
    day: date,
    *,
    new_series: bool = False,
    quick: bool = False,
    person: str = "",
    progress: Progress = str,
) -> tuple[InformationLoss, Path]:
    """Find what `release_study` would hide, and release nothing; gives the costs and the place of their report.

    `quick`: at the least, without the interval; see `information_loss`. The report stands in `cases/`, for the study
    only. Raises what `information_loss` and `read_cases` raise.
    """
    settings = ReleaseSettings.read(folder)
    cases, report = folder / "cases", folder / f"cases/dry-run-{day}.md"
    records = read_cases(cases)
    with locked(cases, progress=progress), logged(cases, person, "dry run", day) as log:
        every = earlier_releases(folder / RELEASED)
        earlier = () if new_series else current_series(every)
        costs = information_loss(
            records,
            settings.plan,
            settings.policy,
            date=day,
            earlier=earlier,
            history=cases / HISTORY,
            renamed=settings.renamed,
            quick=quick,
            progress=progress,
        )
        costs.save(report)
        log("nothing released, quick" if quick else "nothing released")
    return costs, report


def _log_wishes(plan: Plan, log: Callable[[str, str], object]) -> None:
    for wish in plan.weights:
        log("asked of cells", str(wish))


def _accepted_coverage(found: Coverage, accept_nothing_shown: bool) -> Coverage:
    """Give what a release shows; raises NothingShownError where it shows nothing and nobody said yes to that."""
    if not found.answers_shown and not accept_nothing_shown:
        raise NothingShownError(
            f"{found.sentence}. {found.advice}. Nothing was released, since a release binds the later ones: what it "
            "hides stays hidden. research-lib release --dry-run shows what another plan or policy would hide; "
            "--accept-nothing-shown releases these tables nevertheless"
        )
    return found


def _accepted(eroded: list[pd.DataFrame]) -> str:
    """What was said yes to, for the log; nothing, where nothing has eroded."""
    if not eroded:
        return ""
    rows = pd.concat(eroded)[["cell", "low", "high", "intruder"]].itertuples(index=False)
    cells = [f"{cell}: {low:,.0f} to {high:,.0f} ({intruder})" for cell, low, high, intruder in rows]
    return f"yes to {len(cells):,} eroded cells: {'; '.join(cells)}"


def _shown_again(made: Released, earlier: tuple[Released, ...], renamed: pd.DataFrame) -> int:
    """The number of cells that a release shows and an earlier one hides, by the names of today as far as there are."""
    names = NewNames.of(renamed)
    hidden = {cell for each in earlier for cell in _cells(_as_today(each, names), hidden=True)}
    return len(hidden & set(_cells(made, hidden=False)))


def _as_today(released: Released, names: NewNames) -> Released:
    """A release by the names of today, or by its own where a later series need not follow it."""
    with suppress(RenamedError):
        return EarlierNames(released, names).today
    return released


def _cells(released: Released, *, hidden: bool) -> Iterator[frozenset[tuple[str, str]]]:
    for table in released.planned:
        frame = released.tables[table.name]
        answers = frame.loc[(frame["status"] == HIDDEN) == hidden, list(table.variables)]
        yield from (frozenset(zip(table.variables, row, strict=True)) for row in answers.itertuples(index=False))
