"""Commands on releases: release, waiting, countersign, checker-key."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from research_lib.cli.app import Folder, app

if TYPE_CHECKING:
    from research_lib.disclosure.suppression_report import Coverage

Person = Annotated[str, typer.Option("--by", help="Who asks, for the log; by default the name of the account.")]
_SECONDS_BETWEEN_STEPS = 10
KeyFile = Annotated[Path | None, typer.Option("--key", help="The checker's own key, which checker-key made.")]


@app.command()
def release(
    folder: Folder,
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The date of the release.")
    ] = None,
    *,
    first_plan: Annotated[
        bool, typer.Option("--first-plan", help="Write a first plan and policy, to read and change; release nothing.")
    ] = False,
    new_series: Annotated[
        bool,
        typer.Option(
            "--new-series",
            help="Begin a series: show what earlier releases hide, where nobody can know all changes since.",
        ),
    ] = False,
    accept_eroded: Annotated[
        bool,
        typer.Option(
            "--accept-eroded",
            help="Release also where who knows all changes has come closer to a hidden cell than promised.",
        ),
    ] = False,
    accept_nothing_shown: Annotated[
        bool,
        typer.Option("--accept-nothing-shown", help="Release also where no cell is shown; later releases keep to it."),
    ] = False,
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write what would be hidden, and why; release nothing.")
    ] = False,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="With --dry-run: what would be hidden at the least, without the promised interval."
        ),
    ] = False,
    person: Person = "",
) -> None:
    """Release protected tables of a study's cases, audited together with the earlier releases of their series."""
    if first_plan:
        _write_first_plan(folder)
        return
    if quick and not is_dry_run:
        raise typer.BadParameter("--quick: a release keeps the whole promise; add --dry-run to try its plan quickly")
    when = day.date() if day else date.today()
    if is_dry_run:
        _tell_costs(folder, when, new_series=new_series, quick=quick, person=person)
        return
    if when > date.today():
        raise typer.BadParameter(f"--date: {when} is in the future; a release has the day on which it is made")
    from research_lib.disclosure.study_folder.study_release import release_study
    from research_lib.files.locking import account

    with _steps("releasing") as progress:
        made = release_study(
            folder,
            when,
            new_series=new_series,
            accept_eroded=accept_eroded,
            accept_nothing_shown=accept_nothing_shown,
            person=person or account(),
            progress=progress,
        )
    for path in made.cleared:
        typer.echo(f"{path}: removed, since a stopped command left it")
    if made.shown_again:
        typer.echo(
            f"{made.shown_again:,} cells are shown that an earlier release hides; whoever knows all that has changed "
            "in one of them since can go back to the earlier count"
        )
    _tell_coverage(made.coverage)
    typer.echo(f"what was hidden, why, and at what cost: {made.report}")
    if made.waits:
        typer.echo(f"it waits for its checker in {made.folder}; what a checker sees: research-lib waiting {folder}")
    else:
        typer.echo(f"released into {made.folder}")


@app.command()
def countersign(
    folder: Folder,
    key: KeyFile = None,
    *,
    person: Annotated[
        str, typer.Option("--by", help="The checker's name, public with the release; by default the key's holder.")
    ] = "",
    note: Annotated[
        str, typer.Option(help="A note beside the signature. It is public: whoever has the release reads it.")
    ] = "",
    refused: Annotated[str, typer.Option("--refuse", help="Refuse the release instead, for this reason.")] = "",
) -> None:
    """Sign the release that waits for its checker, so that pages show it; or refuse it, which removes it.

    Without access to the records the signature is left in the release that waits. Whoever has access then runs the
    command without a key.
    """
    from research_lib.disclosure.signatures import CHECKED, own_key
    from research_lib.disclosure.study_folder import output_checking
    from research_lib.files.locking import account

    if refused:
        place = output_checking.refuse(folder, checker=person or account(), reason=refused)
        typer.echo(f"{place}: refused and removed; the reason stands in the log of the study")
        return
    if (key and not key.exists()) or (not key and output_checking.open_waiting(folder).check is None):
        raise typer.BadParameter(
            f"--key: {key or 'a key'} is missing; make one with: research-lib checker-key mine.key"
        )
    mine = own_key(key) if key else None
    if mine and not os.access(folder / "cases", os.R_OK | os.W_OK | os.X_OK):
        check = output_checking.sign_waiting(folder, mine, checker=person, day=date.today(), note=note)
        place = output_checking.waiting_release(folder) / CHECKED
        typer.echo(f"signed as {check.checker} in {place}; it is public, with its note")
        typer.echo("pages show the release when somebody with access to the records has that file there and runs:")
        typer.echo(f"research-lib countersign {folder}")
        return
    made = output_checking.countersign(folder, mine, checker=person, day=date.today(), note=note)
    typer.echo(f"the release of {made.manifest['date']} is signed by its checker; pages show it")
    if made.check and made.check.note:
        typer.echo(f"its note is public: {made.check.note}")


@app.command()
def waiting(folder: Folder) -> None:
    """Say which release waits for its checker, and where its tables and its report are; the records are not needed."""
    from research_lib.disclosure.study_folder import output_checking
    from research_lib.published_cells import HIDDEN

    found, place = output_checking.open_waiting(folder), output_checking.waiting_release(folder)
    cells = sum(map(len, found.tables.values()))
    hidden = sum(int((table["status"] == HIDDEN).sum()) for table in found.tables.values())
    typer.echo(f"{place}: a release of {found.counts} waits, {len(found.tables)} tables, digest {found.digest[:16]}")
    typer.echo(f"{hidden:,} of {cells:,} cells are hidden; its tables are in {place / 'tables'}")
    report = output_checking.waiting_report(folder, place.name)
    typer.echo(f"every cell, with its rule: {report}" if report.exists() else f"{report} is missing; ask for it")
    if found.check:
        typer.echo(f"signed by {found.check.checker}; next: research-lib countersign {folder}")
    else:
        typer.echo(f"next: research-lib countersign {folder} --key YOURS.key, or --refuse REASON")


@app.command("checker-key")
def checker_key(
    path: Annotated[Path, typer.Argument(help="The file of the key; outside of every study.")],
    holder: Annotated[
        str, typer.Option(prompt="Who holds this key", help="The checker's name, as it stands in checkers.toml.")
    ],
) -> None:
    """Make a checker's key, or read it, and print what the person responsible for a study adds to its checkers."""
    from research_lib.disclosure.signatures import CHECKERS, fingerprint, own_key, public_part

    if not holder.strip() or not holder.isprintable():
        raise typer.BadParameter("--holder: write the name of the person who holds this key")
    public, name = public_part(own_key(path)), json.dumps(holder.strip(), ensure_ascii=False)
    typer.echo(f"the key is in {path}, which only its owner can read; its fingerprint is {fingerprint(public)}")
    typer.echo(f'add to {CHECKERS} of a study:\n[[keys]]\nholder = {name}\npublic_key = "{public}"')


def _tell_costs(folder: Path, day: date, *, new_series: bool, quick: bool, person: str) -> None:
    from research_lib.disclosure.study_folder.study_release import dry_run
    from research_lib.files.locking import account

    with _steps("counting") as progress:
        who = person or account()
        costs, report = dry_run(folder, day, new_series=new_series, quick=quick, person=who, progress=progress)
    cells, hidden = costs.tables["cells"].sum(), costs.tables["hidden"].sum()
    least = "at least " if quick else ""
    typer.echo(f"{least}{hidden:,} of {cells:,} cells would be hidden; nothing was released")
    _tell_coverage(costs.coverage)
    if quick:
        typer.echo("quick and weaker: hidden counts are only kept from being known exactly; a release hides more")
    typer.echo(f"which, why, and what coarser codes would save: {report}")


def _tell_coverage(coverage: "Coverage") -> None:
    typer.echo(coverage.sentence)
    if coverage.advice:
        typer.echo(f"WARNING: {coverage.advice}")


@contextmanager
def _steps(task: str) -> Iterator[Callable[[str], object]]:
    """Show the steps of a long task while it runs; where nobody watches a terminal, one every ten seconds."""
    from rich.markup import escape
    from rich.progress import Progress

    told = time.monotonic()

    def tell(step: str) -> None:
        nonlocal told
        bar.update(shown, description=escape(step))
        if not bar.console.is_terminal and time.monotonic() - told > _SECONDS_BETWEEN_STEPS:
            told = time.monotonic()
            typer.echo(f"{task}: {step}", err=True)

    with Progress(transient=True) as bar:
        shown = bar.add_task(task, total=None)
        yield tell


def _write_first_plan(folder: Path) -> None:
    from research_lib.disclosure.planning.first_plan import write_first_plan

    made = write_first_plan(folder)
    typer.echo(f"wrote {made.plan}\nwrote {made.policy}")
    if made.left_out:
        typer.echo(
            f"{made.tables} tables; {made.left_out} questions are left out, each is named at the end of the plan"
        )
    if made.warning:
        typer.echo(f"WARNING: {made.warning}")
    typer.echo(f"read and change them, then run: research-lib release {folder}")
