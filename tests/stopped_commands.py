"""Each command that writes, stopped at its steps on the disk: killed, or by a full disk from there on, or by a limit.

Run as `python stopped_commands.py`. For each line of JSON with a command, a folder, `most` and `limits` it prints one: how
often what happened, and what is wrong. `most`: at how many steps each fault comes, spread evenly; all of them where the
command has no more. `limits`: how many bytes a file may have.
"""

import io
import json
import os
import resource
import shutil
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from tempfile import gettempdir

import pandas as pd
from killing import batch
from second_study import make_second_study, write_export
from steps import FULL, KILLED, REASONS, REFUSED, Steps, command, end, start

from research_lib.disclosure import demonstration
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.evidence import study
from research_lib.evidence.new_study import new_study
from research_lib.files.drafts import finish_unfinished
from research_lib.files.saving import JOURNAL
from research_lib.interviews.case_store import join_cases
from research_lib.interviews.survey_import import simulated_export
from research_lib.show.report import printed_report
from research_lib.show.report.blocks import plain
from research_lib.show.site.static_site import write_site

LIMITS = [50, 1_000, 0, 20_000, 100_000]
FEW = 30
_REASONS = (*REASONS, "No usable temporary directory found")  # where no file may have even one byte


@dataclass(frozen=True)
class Written:
    """A command that writes: what is there before, its arguments, and what it says where all is done already.

    `reason`: the beginning of the reason that a library gives in its own words where it cannot write.
    """

    prepare: Callable[[Path], object]
    arguments: str
    again: str = ""
    reason: str = ""


def _stale(folder: Path) -> None:
    """A study whose derived tables are old, with codings that somebody has made by hand."""
    place = make_second_study(folder / "study")
    codings = pd.read_csv(place / "tables/codings.csv", dtype="str", keep_default_na=False)
    own = codings.assign(coder="ana", id="own-" + codings["id"])
    pd.concat([codings.iloc[:1], own]).to_csv(place / "tables/codings.csv", index=False)
    profiles = pd.read_csv(place / "tables/profiles.csv", dtype="str", keep_default_na=False)
    profiles.iloc[:2].to_csv(place / "tables/profiles.csv", index=False)
    _add_line(place / "README.md")


def _old(folder: Path) -> None:
    """A study of an earlier version: without two tables, and with an earlier name of a column."""
    place = make_second_study(folder / "study")
    for name in ("calibrations", "omissions"):
        (place / f"tables/{name}.csv").unlink()
    places = place / "tables/places.csv"
    places.write_text(places.read_text(encoding="utf-8").replace("name_local", "name_zh", 1), encoding="utf-8")
    _add_line(place / "README.md")


def _described(folder: Path) -> None:
    place = make_second_study(folder / "study")
    for name in ("README.md", "datapackage.json"):
        _add_line(place / name)


def _add_line(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _exported(name: str, folder: Path) -> None:
    """A study, and an older good file in the place of the new one."""
    make_second_study(folder / "study")
    (folder / name).write_text("an older good file", encoding="utf-8")


def _site(folder: Path) -> None:
    """A study of one language with two pages, and an older site of it, of which one page is no more."""
    new_study(folder / "study", title="Own", licence="CC0-1.0")
    write_site(folder / "study", folder / "site")
    (folder / "site/old.html").write_text("an older page", encoding="utf-8")
    listed = folder / "site/site.sha256"
    listed.write_text(f"{listed.read_text(encoding='utf-8')}{'0' * 64}  old.html\n", encoding="utf-8")
    _add_line(folder / "site/index.html")


def _two_versions(folder: Path) -> None:
    """A study and its next version, with a claim less, and an older good file in the place of the new one."""
    _exported("changes.csv", folder)
    claims = make_second_study(folder / "next") / "tables/claims.csv"
    pd.read_csv(claims, dtype="str", keep_default_na=False).iloc[1:].to_csv(claims, index=False)


def _translated(folder: Path) -> None:
    """A study, and an older file of its translation."""
    phrases = make_second_study(folder / "study") / "phrases/pt.po"
    phrases.write_text('msgid ""\nmsgstr ""\n"Language: pt\\n"\n', encoding="utf-8")


def _formed(folder: Path) -> None:
    make_second_study(folder / "study")
    for ending in ("xlsx", "xml"):
        (folder / f"interview.{ending}").write_text("an older good file", encoding="utf-8")


def _asked(folder: Path) -> None:
    """A study whose organisations have answered, and their export."""
    place = make_second_study(folder / "study")
    answers = place / "tables/survey_answers.csv"
    answers.write_text(answers.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    homes = dict.fromkeys(study.open_study(place)["organisations"]["id"], "COL")
    simulated_export(homes).to_csv(folder / "networks.csv", index=False)


def _sent(folder: Path) -> None:
    """A study of its own form, and thirty answers to it."""
    make_second_study(folder / "study")
    everything = write_export(folder / "all.csv")
    pd.read_csv(everything, dtype="str", keep_default_na=False).iloc[:FEW].to_csv(folder / "some.csv", index=False)
    everything.unlink()


def _expired(folder: Path) -> None:
    """Sixty records with their texts, of which ten have passed their date."""
    first = batch(demonstration_cases(), 0)
    first.cases.frame.loc[:9, "retention_date"] = "2020-01-01"
    join_cases(first, folder / "study/cases")


COMMANDS = {
    "rebuild": Written(_stale, "rebuild {0}/study"),
    "upgrade": Written(_old, "upgrade {0}/study"),
    "describe": Written(_described, "describe {0}/study"),
    "export": Written(partial(_exported, "about.html"), "export about {0}/study --to {0}/about.html"),
    "export geo": Written(
        partial(_exported, "map.gpkg"),
        "export geo {0}/study --to {0}/map.gpkg",
        reason="map.gpkg: it cannot be written (",
    ),
    "report": Written(partial(_exported, "brief.pdf"), "report {0}/study --finding farms --to {0}/brief.pdf"),
    "site": Written(_site, "site {0}/study --to {0}/site"),
    "changes": Written(_two_versions, "changes {0}/study {0}/next --to {0}/changes.csv"),
    "phrases": Written(_translated, "phrases pt {0}/study"),
    "forms": Written(_formed, "forms --study {0}/study --to {0}"),
    "survey": Written(_asked, "survey {0}/study {0}/networks.csv --source rivers2021", "has answers of"),
    "import": Written(_sent, "import {0}/study {0}/some.csv --retention 2099-12-31 --synthetic"),
    "purge": Written(_expired, "purge {0}/study"),
    "new": Written(lambda _: None, "new {0}/study --title Own --licence CC0-1.0 --country COL", "is not empty"),
    "demonstrate": Written(lambda _: None, "demonstrate {0}/study", "is not empty"),
    "release --first-plan": Written(_expired, "release {0}/study --first-plan", "is there already"),
}


class Recorded(Steps):
    """All the steps of a command, none of which is stopped; they are written into a file."""

    def __init__(self, output: Path):
        super().__init__(-1, KILLED)
        self._output = output.open("w", encoding="utf-8", buffering=1)

    def _take(self, step: str, place: object = None) -> None:
        print(step, place, file=self._output)


class Stopping:
    """One command, with the state before it and the state after it, and what was seen of it."""

    def __init__(self, name: str, folder: Path):
        self.case, self.folder = COMMANDS[name], folder
        self.before = folder / "before"
        self.before.mkdir()
        self.case.prepare(self.before)
        self.after = self._copied("after")
        with redirect_stdout(io.StringIO()), suppress(SystemExit):
            command(self._words(self.after))  # here, so that what it imports and checks is there for all that follow
        self.old, self.new = tree(self.before), tree(self.after)
        assert self.old != self.new
        self.seen, self.wrong, self.states = Counter[str](), [], set[frozenset]()

    def _copied(self, name: str) -> Path:
        return Path(shutil.copytree(self.before, self.folder / name, symlinks=True))

    def _run(self, place: Path, before: Callable[[], object] = str) -> tuple[int, str]:
        return end(*start(self._words(place), before))

    def _words(self, place: Path) -> list[str]:
        return [word.format(place) for word in self.case.arguments.split()]

    def steps(self, most: int) -> list[int]:
        """The numbers of the steps at which the command is stopped: all, or an even sample of them."""
        place, listed = self._copied("recorded"), self.folder / "steps.txt"
        code, said = self._run(place, lambda: Recorded(listed).watch())
        assert code == 0, said
        count = len(listed.read_text(encoding="utf-8").splitlines())
        self.seen["steps"] = count
        return sorted({round(each * (count - 1) / max(min(most, count) - 1, 1)) for each in range(min(most, count))})

    def stop(self, name: str, before: Callable[[], object]) -> None:
        """Stop the command once, and look at what is there, at what it says, and at what the next one does."""
        place = self._copied("stopped")
        code, said = self._run(place, before)
        self.seen[name] += 1
        self.wrong += [f"{name}: {fault}" for fault in self._faults(place, code, said)]
        shutil.rmtree(place)

    def _faults(self, place: Path, code: int, said: str) -> Iterator[str]:
        left = frozenset((str(path.relative_to(place)), path.lstat().st_size) for path in place.rglob("*"))
        for journal in place.rglob(JOURNAL):
            finish_unfinished(journal.parent)
        found = tree(place)
        if found not in (self.old, self.new):
            yield f"neither the old state nor the new one: {differing(found, self.old)} and {differing(found, self.new)}"
        self.seen["old" if found == self.old else "new"] += 1
        if code != -signal.SIGKILL:
            yield from self._faults_said(code, said, is_new=found == self.new)
        if left not in self.states:
            self.states.add(left)
            yield from self._faults_next(place, is_new=found == self.new)

    def _faults_said(self, code: int, said: str, *, is_new: bool) -> Iterator[str]:
        if code not in (0, REFUSED) or "Traceback" in said:
            yield f"it ends with {code}: {said}"
        elif code == 0 and not is_new:
            yield f"it ends well, and the new state is not there: {said}"
        elif code and not ("ree space" in said and "try again" in said and self._is_reasoned(said)):
            yield f"it does not name the reason and the mend: {said}"
        elif code and str(self.folder) not in said and gettempdir() not in said:
            yield f"it does not name the file: {said}"

    def _is_reasoned(self, said: str) -> bool:
        return any(reason in said for reason in _REASONS) or bool(self.case.reason and self.case.reason in said)

    def _faults_next(self, place: Path, *, is_new: bool) -> Iterator[str]:
        code, said = self._run(place)
        if code and not (is_new and self.case.again and self.case.again in said):
            yield f"the next one is refused: {said}"
        elif tree(place) != self.new:
            yield f"the next one does not reach the new state: {differing(tree(place), self.new)}"
        elif (left := [path.name for path in place.rglob(".*") if path.name != ".lock"]) and not code:
            yield f"the next one leaves {left}"


def check_each_table_once() -> None:
    """Let the same rows of the same table be checked once, since a study has thirty tables."""
    real, kept = study.read_table, {}

    def once(path: Path, model: type, file: str, **options):
        key = (path.read_bytes() if path.is_file() else None, file, *options.values())
        if (found := str(key)) not in kept:
            kept[found] = real(path, model, file, **options)
        return kept[found]

    study.read_table = once


def set_each_report_once() -> None:
    """Let the same report be set once, in this process: the threads of Typst do not go into a forked one."""
    real, kept = printed_report._printed, {}

    def once(content: dict, of: study.Study) -> bytes:
        if (found := json.dumps(plain(content))) not in kept:
            kept[found] = real(content, of)
        return kept[found]

    printed_report._printed = once


def tree(folder: Path) -> dict[str, bytes]:
    """All files that people see, and what is in them."""
    paths = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    named = {path.relative_to(folder): path for path in paths}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in named.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The names of the files in which two states differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))[:5]


def _limited(limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def stop_everywhere(name: str, folder: str, most: int, limits: list[int]) -> dict:
    """Stop a command at its steps by each fault, and at limits of the size of its files."""
    stopping = Stopping(name, Path(folder))
    for number in stopping.steps(most):
        for fault in (KILLED, FULL):
            stopping.stop(fault, Steps(number, fault).watch)
    for limit in limits:
        stopping.stop("limited", partial(_limited, limit))
    return {**stopping.seen, "wrong": stopping.wrong}


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    os.environ["OGR_CURRENT_DATE"] = "2026-01-01T00:00:00.000Z"  # else two GeoPackages differ
    for module in ("geopandas", "pyarrow.parquet", "openpyxl", "pyxform", "research_lib.show.site.rendering"):
        import_module(module)  # else each child would
    for module in ("evidence.new_study", "disclosure.demonstration", "disclosure.planning.first_plan", "rebuild"):
        import_module(f"research_lib.{module}")
    demonstration.demonstration_cases = cache(demonstration.demonstration_cases)
    check_each_table_once()
    set_each_report_once()
    for line in sys.stdin:
        print(json.dumps(stop_everywhere(**json.loads(line))), flush=True)
