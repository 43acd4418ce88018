"""How fast the comparative methods are: beside stepmix, prince, setqca and statsmodels in the same run.

Each task runs several times in processes of its own, ours and the peer's in turn, on the same data. Seconds leave out
imports and the making of the data. setqca wants an older pandas than we do, so it runs in an environment of its own,
which uv makes if it can. The cells of a peer that cannot be imported stay empty; anything else that fails ends the run.
A peer that takes longer than a few minutes is measured on the smaller size only. Prints a Markdown table of medians.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

RUNS = 5
SETQCA = "setqca==0.2.0"


def crisp(conditions: int, cases: int = 60) -> pd.DataFrame:
    """Cases of which three combinations lead to the outcome, but for one in ten."""
    draw = np.random.default_rng(1)
    values = draw.integers(0, 2, (cases, conditions)).astype(bool)
    paths = (values[:, 0] & values[:, 1]) | (values[:, 2] & ~values[:, 3]) | (values[:, 4] & values[:, 5])
    table = np.column_stack([values, paths ^ (draw.random(cases) < 0.1)]).astype(int)
    return pd.DataFrame(table, columns=[*(f"C{at}" for at in range(conditions)), "Y"])


def rows(conditions: int) -> tuple[object, list[int], list[int]]:
    """Twenty rows of a truth table, eight of them positive."""
    from research_lib.methods.qca.combinations import Layout

    draw = np.random.default_rng(20)
    layout = Layout(tuple(f"C{at}" for at in range(conditions)), (2,) * conditions)
    shown = [layout.of_levels(row) for row in draw.integers(0, 2, (20, conditions))]
    return layout, shown[:8], shown[8:]


def answers(persons: int, questions: int, options: int, kinds: int = 3) -> pd.DataFrame:
    """Answers of persons of a few kinds, as words."""
    draw = np.random.default_rng(1)
    habits = draw.dirichlet(np.ones(options), (kinds, questions)).cumsum(axis=2)
    kind = draw.integers(0, kinds, persons)
    words = np.array([f"answer {at}" for at in range(options)], dtype=object)
    columns = {
        f"q{at}": words[np.minimum((draw.random(persons)[:, None] > habits[kind, at]).sum(axis=1), options - 1)]
        for at in range(questions)
    }
    return pd.DataFrame(columns).astype("str")


def our_prime_implicants(data: tuple) -> object:
    from research_lib.methods.qca.prime_implicants import against

    return against(*data)


def our_solutions(data: pd.DataFrame) -> object:
    from research_lib.methods import qca

    table = qca.truth_table(data, outcome="Y", conditions=list(data.columns[:-1]))
    kinds = {"conservative": "", "parsimonious": "", "intermediate": "C0 + C1"}
    return [qca.minimize(table, kind, expect=expect) for kind, expect in kinds.items()]


def setqca_solutions(data: pd.DataFrame) -> object:
    import setqca

    expected = {"C0": "+", "C1": "+"}
    analysis = setqca.CSQCA(consistency=1.0, directional_expectations=expected)
    return analysis.fit(data, outcome="Y", conditions=list(data.columns[:-1]))


def our_classes(data: pd.DataFrame) -> object:
    from research_lib.methods import latent_classes

    return latent_classes.latent_classes(data, classes=3, starts=1)


def stepmix_classes(data: pd.DataFrame) -> object:
    from stepmix import StepMix

    codes = data.apply(lambda column: column.astype("category").cat.codes)
    return StepMix(n_components=3, measurement="categorical", n_init=1, random_state=1, progress_bar=0, verbose=0).fit(
        codes
    )


def our_correspondence(data: pd.DataFrame) -> object:
    from research_lib.methods import correspondence

    return correspondence.correspondence(data)


def prince_correspondence(data: pd.DataFrame) -> object:
    import prince

    return prince.MCA(n_components=2, engine="scipy", random_state=1).fit(data)


def shares(_: object = None) -> tuple[np.ndarray, np.ndarray]:
    """Counts and bases of a million shares."""
    return np.arange(1_000_000.0) % 1_000, np.full(1_000_000, 1_000.0)


def our_shares(data: tuple) -> object:
    from research_lib.methods.wilson_interval import wilson_interval

    return wilson_interval(*data, 0.95)


def statsmodels_shares(data: tuple) -> object:
    from statsmodels.stats.proportion import proportion_confint

    return proportion_confint(*data, method="wilson")


def our_span(_: object) -> object:
    from research_lib.methods import multiple_systems

    draw = np.random.default_rng(3)
    seen = draw.random((6_000, 6)) < [0.02, 0.09, 0.12, 0.1, 0.05, 0.02]
    people = pd.DataFrame(seen[seen.any(axis=1)].astype(int), columns=list("ABCDEF"))
    return multiple_systems.span(multiple_systems.collapse_people(people))


Task = tuple[Callable[[], object], Callable[..., object], Callable[..., object] | None]
TASKS: dict[str, Task] = {
    "prime implicants, 20 conditions, 20 rows, all remainders free": (lambda: rows(20), our_prime_implicants, None),
    "QCA, 60 cases, 8 conditions, three solutions (peer: setqca)": (lambda: crisp(8), our_solutions, setqca_solutions),
    "QCA, 60 cases, 10 conditions (peer: setqca)": (lambda: crisp(10), our_solutions, setqca_solutions),
    "QCA, 60 cases, 12 conditions": (lambda: crisp(12), our_solutions, None),
    "QCA, 60 cases, 14 conditions": (lambda: crisp(14), our_solutions, None),
    "latent classes, 100,000 × 8 yes/no answers, 3 classes, one start (peer: stepmix)": (
        lambda: answers(100_000, 8, 2),
        our_classes,
        stepmix_classes,
    ),
    "correspondence, 1,000,000 × 8 questions of 4 answers (peer: prince)": (
        lambda: answers(1_000_000, 8, 4),
        our_correspondence,
        prince_correspondence,
    ),
    "Wilson's interval of 1,000,000 shares (peer: statsmodels)": (shares, our_shares, statsmodels_shares),
    "multiple systems: all 32,768 models of six lists": (lambda: None, our_span, None),
}


WARM = {  # by the task's first letters; made when called, as a peer's environment does not have everything of ours
    "QCA": lambda: crisp(6),
    "lat": lambda: answers(200, 3, 2),
    "cor": lambda: answers(200, 3, 4),
    "pri": lambda: rows(6),
    "Wil": shares,
}


def run(name: str, which: int) -> None:
    make, *methods = TASKS[name]
    method = methods[which]
    data = make()
    if name[:3] in WARM:
        method(WARM[name[:3]]())
    started = time.perf_counter()
    method(data)
    print(json.dumps(time.perf_counter() - started))


def python_for(method: Callable[..., object]) -> list[str]:
    if method is not setqca_solutions:
        return [sys.executable]
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    return [uv, "run", "--quiet", "--no-project", "--system-certs", "--with", SETQCA, "python"]


def is_at_hand(peer: Callable[..., object]) -> bool:
    """Whether a peer can be imported; the functions of a peer are named after its package."""
    python, package = python_for(peer), peer.__name__.partition("_")[0]
    return bool(shutil.which(python[0])) and not subprocess.call([*python, "-c", f"import {package}"])


def seconds(name: str, which: int) -> float:
    python = python_for(TASKS[name][1 + which])
    found = subprocess.run([*python, __file__, name, str(which)], check=True, stdout=subprocess.PIPE, text=True)
    return float(found.stdout)


def main() -> None:
    print("| task | ours, s | peer, s | peer / ours |\n|---|---|---|---|")
    for name, (_, _, peer) in TASKS.items():
        sides = (0, 1) if peer and is_at_hand(peer) else (0,)
        times = [[seconds(name, which) for which in sides] for _ in range(RUNS)]
        mine, *others = map(statistics.median, zip(*times, strict=True))
        told = [f"{others[0]:.2f}", f"{others[0] / mine:.{int(others[0] < 10 * mine)}f} ×"] if others else ["–", "–"]
        print("|", " | ".join([name, f"{mine:.3f}", *told]), "|", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1], int(sys.argv[2]))
    else:
        main()
