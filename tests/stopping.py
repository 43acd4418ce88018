"""Releases that are stopped at each step on the disk, by a limit, at any moment, or that run two at once.

Run as `python stopping.py <folder>`. For each line of JSON with a task, a folder and options it prints one: how often what
happened, and what is wrong.
Every release is the whole command in a process forked from this one, which computes the protection of its tables once,
before it forks.
"""

import io
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path

import steps
from killing import DAY, small_study
from steps import FULL, KILLED, REASONS, REFUSED, Steps, end

from research_lib.disclosure import release
from research_lib.disclosure.counted_release import CountedRelease
from research_lib.disclosure.earlier_releases import EarlierReleases
from research_lib.disclosure.released import open_release
from research_lib.disclosure.study_folder.study_release import earlier_releases, release_study
from research_lib.disclosure.suppression.protection import Protection
from research_lib.errors import ResearchError

NEXT, LATER = DAY + timedelta(1), DAY + timedelta(2)
MOST_STEPS = 300
REPORTS, RELEASES = "cases/release-*.md", "released/20*"
_NUMBER = re.compile(r"(?<=\.release-).*|(?<=\.saving-).*(?=\.)|(?<=\.)\d+$")
_LEFT = (".release-*", ".saving-*")


def start(study: Path, day: date, before: Callable[[], object] = str) -> tuple[int, int]:
    """Start a release of a study in a forked process; gives the process, and where to read what it says."""
    return steps.start(_arguments(study, day), before)


def _arguments(study: Path, day: date) -> list[str]:
    return ["release", str(study), "--date", str(day)]


def at_each_step(study: Path, folder: Path, every: int) -> dict:
    """Stop a study's second release at each of its steps or every so many, once by a kill and once by a full disk.

    The study has lost its key, so that it makes another one, and has the draft of a release that was stopped before.
    """
    release_study(study, DAY)
    (study / "cases/release.key").unlink()
    (study / "released/.release-left/tables").mkdir(parents=True)
    seen, wrong, states = Counter[str](), [], set()
    for number in range(0, MOST_STEPS, every):
        for fault in (KILLED, FULL):
            copied = shutil.copytree(study, folder / f"{fault}-{number}")
            code, said = end(*start(copied, NEXT, Steps(number, fault).watch))
            if fault == KILLED and code != -signal.SIGKILL:
                return {**seen, "steps": number, "ends": code, "wrong": wrong}
            seen[f"{fault}, {'whole' if _made(copied).exists() else 'none'}"] += 1
            wrong += [f"{fault} at step {number}: {each}" for each in faults(study, copied, code, said, states)]
            shutil.rmtree(copied)
    raise AssertionError("the release has more steps")


def _computed_once(folder: Path) -> Path:
    """A small study; the protection of its first three releases is computed, and all that the command needs is there."""
    _remember(release, "count_release", lambda *_, earlier, **__: len(earlier.releases), _beside)
    for name in ("protect", "require_safe"):
        _remember(Protection, name, lambda counted, *_, **__: id(counted))
    study = small_study(folder / "study", records=60)
    copied = shutil.copytree(study, folder / "computed")
    for day in (DAY, NEXT, LATER):
        with redirect_stdout(io.StringIO()), suppress(SystemExit):
            steps.command(_arguments(copied, day))
    return study


def _beside(counted: CountedRelease, *_: object, earlier: EarlierReleases, date: date, **__: object) -> CountedRelease:
    """What was counted, on another day and beside the releases of another copy of the study, whose keys are others."""
    return replace(counted, date=date, earlier=tuple(each.digest for each in earlier.releases))


def _remember(
    owner: object, name: str, release_of: Callable[..., int], given: Callable = lambda kept, *_, **__: kept
) -> None:
    """Compute once for each release; `given`: what a call is given of that."""
    real, kept = getattr(owner, name), {}

    def once(*arguments, **options):
        if (release := release_of(*arguments, **options)) not in kept:
            kept[release] = real(*arguments, **options)
        return given(kept[release], *arguments, **options)

    setattr(owner, name, once)


def at_limits(study: Path, folder: Path, limits: list[int]) -> dict:
    """Release where the system lets no file grow beyond a limit: at each limit another file is refused."""
    wrong, refused = [], []
    for limit in limits:
        copied = shutil.copytree(study, folder / f"limit-{limit}")
        limited = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
        code, said = end(*start(copied, NEXT, limited))
        refused += re.findall(r"\.saving-(\S+)\.\d+: it cannot be written", said)
        wrong += [f"at {limit} bytes: {each}" for each in faults(study, copied, code, said, set())]
    return {"refused": refused, "wrong": wrong}


def at_random(study: Path, folder: Path, least: int) -> dict:
    """Kill a release at any moment after it has begun its draft, until one was killed before it had ended by itself."""
    wrong, killed = [], 0
    end(*start(study, DAY))
    for number in range(40):
        if killed and number >= least:
            break
        copied = shutil.copytree(study, folder / f"round-{number}")
        child, read = start(copied, NEXT)
        while not (_made(copied).exists() or _left(copied)):
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        code, said = end(child, read)
        killed += code == -signal.SIGKILL
        wrong += faults(study, copied, code, said, set())
    return {"killed": killed, "wrong": wrong}


def together(study: Path, folder: Path) -> dict:
    """Start two releases at once, of one day and of two days."""
    wrong, made = [], []
    end(*start(study, DAY))
    for number, days in enumerate([(NEXT, NEXT), (NEXT, LATER)]):
        copied = shutil.copytree(study, folder / f"round-{number}")
        ends = [end(*each) for each in [start(copied, day) for day in days]]
        there = {str(DAY), *(str(day) for day, (code, _) in zip(days, ends, strict=True) if code == 0)}
        wrong += [said for code, said in ends if code and not (code == REFUSED and "is not after the release" in said)]
        wrong += [f"{there} is not what is there"] * (not _is_listed(copied) or _days(RELEASES, copied) != there)
        wrong += _faults_next(copied)
        made.append([code for code, _ in ends].count(0))
    return {"made": made, "wrong": wrong}


def faults(before: Path, study: Path, code: int, said: str, states: set[frozenset]) -> Iterator[str]:
    """What is wrong with a study whose release was stopped, with what it said, and with the next release.

    The next release is made once for each of the `states` in which a study is left.
    """
    earlier = [path.relative_to(before) for path in before.glob(RELEASES)]
    if any(_tree(before / path) != _tree(study / path) for path in earlier):
        yield "an earlier release is changed"
    if _made(study).exists() and not (_opens(_made(study)) and (study / f"cases/release-{NEXT}.md").exists()):
        yield "the release is not whole, or has no report"
    if any(_opens(path.parent) for path in study.glob("released/.release-*/*/manifest.sig")):
        yield "a draft can be opened"
    if code != -signal.SIGKILL:
        yield from _faults_said(study, code, said)
    if (state := _state(study)) not in states:
        states.add(state)
        yield from _faults_next(study)


def _faults_said(study: Path, code: int, said: str) -> Iterator[str]:
    is_there = _made(study).exists()
    if code not in (0, REFUSED) or "Traceback" in said:
        yield f"it ends with {code}: {said}"
    if code == 0 and not (is_there and _is_listed(study)):
        yield f"it ends well, but the release is not whole: {said}"
    mend = "ree space" in said and "then try again" in said
    if code and not (mend and str(study) in said and any(reason in said for reason in REASONS)):
        yield f"it does not name the file, the reason and the mend: {said}"
    if code and is_there != ("the release is there" in said):
        yield f"it does not say what became of the release: {said}"


def _faults_next(study: Path) -> Iterator[str]:
    left = _left(study)
    code, said = end(*start(study, LATER + timedelta(1)))
    if code:
        yield f"the next release is refused: {said}"
    elif not _is_listed(study):
        yield "the list of digests is not complete"
    elif silent := [path for path in left if f"{path}: removed" not in said]:
        yield f"the next release does not say that it cleared {silent}: {said}"
    elif still := _left(study):
        yield f"the next release leaves {still}"
    elif _days(REPORTS, study) != _days(RELEASES, study):
        yield "a release has lost its report"


def _left(study: Path) -> list[Path]:
    """What a stopped release left: drafts, files that were not put in place, and a report without its release."""
    found = [path for pattern in _LEFT for path in study.rglob(pattern)]
    days = _days(RELEASES, study)
    found += [path for path in study.glob(REPORTS) if path.stem.removeprefix("release-") not in days]
    return [path for path in found if not {*path.parents} & {*found}]


def _state(study: Path) -> frozenset[tuple[str, int]]:
    """The files of a study and their sizes, without numbers of processes, and without what a draft holds."""
    files = [path for path in study.rglob("*") if ".release-" not in str(path.parent) and path.name != ".lock"]
    return frozenset((_NUMBER.sub("", str(path.relative_to(study))), path.stat().st_size) for path in files)


def _days(pattern: str, study: Path) -> set[str]:
    return {path.stem.removeprefix("release-") for path in study.glob(pattern)}


def _made(study: Path) -> Path:
    return study / f"released/{NEXT}"


def _is_listed(study: Path) -> bool:
    there = [each.digest for each in earlier_releases(study / "released")]
    return (study / "cases/released.txt").read_text().split() == there


def _tree(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _opens(folder: Path) -> bool:
    try:
        return bool(open_release(folder).digest)
    except ResearchError:
        return False


TASKS = {"steps": at_each_step, "limits": at_limits, "random": at_random, "together": together}

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    for name in ("geopandas", "highspy", "ibis.backends.duckdb.converter"):
        import_module(name)  # else each child would
    computed = _computed_once(Path(sys.argv[1]))
    for line in sys.stdin:
        task, folder, *options = json.loads(line)
        copied = Path(shutil.copytree(computed, f"{folder}/study"))
        print(json.dumps(TASKS[task](copied, Path(folder), *options)), flush=True)
