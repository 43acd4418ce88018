"""An attacker who has all that is published, twice, derives no hidden cell closely; from naive suppression, nearly all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attack import KINDS_OF_MISSING, Attack, attack
from conftest import rounds

from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.released import Released
from research_lib.interviews.cases import Cases, for_release

FIRST, SECOND = date(2026, 5, 4), date(2026, 11, 2)
POLICY = Policy()


@dataclass(frozen=True)
class Study:
    """What is released twice: the records, all and the first ones, the plan, and what the form tells everybody."""

    cases: Cases | pd.DataFrame
    first: Cases | pd.DataFrame
    plan: Plan
    known: Mapping[str, Mapping[str, Mapping[str, str]]]

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The records as they are counted, of the first release and of the second."""
        one, all_of_them = ((for_release(c).frame if isinstance(c, Cases) else c) for c in (self.first, self.cases))
        return one, all_of_them


@dataclass(frozen=True)
class Naive:
    """A release as offices used to print it: exact counts and totals, and cells below ten left out, nothing more."""

    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def ask(self, name: str, cells: Sequence[str]) -> int | None:
        """The sum of some cells, as a page with filters answers it: unless it is small."""
        total = sum(self.counts.get(name, {}).get(cell, 0) for cell in cells)
        return total if total >= 10 else None


def planned(sets: Sequence[str], sensitive: tuple[str, ...] = ()) -> Plan:
    """A plan with one table for each line of variables."""
    return Plan(tuple(PlannedTable("-".join(line.split()).lower(), tuple(line.split())) for line in sets), sensitive)


DEMONSTRATION = planned(
    [
        *("country_code marital_status", "country_code age_band", "practice age_band"),
        *("practice residence_status", "practice migration_kind", "country_code children"),
        *(
            "practice education",
            "country_code education",
            "departure_situation",
            "residence_status stay_duration",
        ),
        *("country_code entry_mode", "entry_mode cost", "children marital_status"),
        *("site age_band", "site practice", "country_code site", "site residence_status", "first_work migration_kind"),
        *("country_code places__street age_band", "country_code places__flat age_band", "practice places__street"),
        *("country_code can_refuse", "can_refuse places__flat", "practice debt_on_arrival"),
        *(
            "country_code host_language",
            "residence_status health_care",
            "third_party__network places__street",
        ),
    ],
    ("practice", "residence_status", "can_refuse", "third_party__network"),
)
ANSWERED = {"yes": "answered", "no": "answered", "no_answer": "no_answer"}
KNOWN = {name: {"places answered": ANSWERED} for name in ("places__street", "places__flat")}


def demonstration(_draw: np.random.Generator) -> Study:
    """The synthetic study of the repository."""
    cases = demonstration_cases()
    first = cases.frame.sample(frac=0.7, random_state=1).sort_index()
    return Study(cases, replace(cases, frame=first), DEMONSTRATION, KNOWN)


def skewed(draw: np.random.Generator, size: int, spread: float = 1.0) -> np.ndarray:
    """Shares that fall steeply."""
    shares = np.exp(-spread * np.sort(draw.exponential(2, size)))
    return shares / shares.sum()


def depending(draw: np.random.Generator, on: np.ndarray, size: int, spread: float) -> np.ndarray:
    """Values whose shares differ with each value of another variable."""
    shares = np.array([draw.permutation(skewed(draw, size, spread)) for _ in range(on.max() + 1)])
    common = skewed(draw, size, spread)
    steps = np.cumsum(shares / 2 + common / 2, axis=1)
    return (draw.random(len(on))[:, None] > steps[on]).sum(axis=1).clip(0, size - 1)


def adult(draw: np.random.Generator) -> Study:
    """Thirty thousand adults as in a census: six variables that hang together, and a long tail of countries."""
    size = 30_000
    age = draw.choice(5, size, p=skewed(draw, 5, 0.4))
    education = depending(draw, age, 5, 0.7)
    columns = {
        "age_band": age,
        "education": education,
        "occupation": depending(draw, education, 5, 0.6),
        "relationship": depending(draw, age, 4, 0.7),
        "sex": depending(draw, education, 2, 0.5),
        "native_country": draw.choice(8, size, p=skewed(draw, 8, 1.5)),
        "source_id": draw.choice(12, size, p=skewed(draw, 12, 0.4)),
    }
    frame = coded(columns)
    frame["age_band"] = [f"{20 + 5 * n}_{24 + 5 * n}" for n in age]
    sets = [" ".join(each) for each in combinations([name for name in columns if name != "source_id"], 3)]
    plan = planned([each for each in sets if each != "occupation relationship native_country"][: rounds(6, nightly=15)])
    return Study(frame, frame.iloc[: int(0.7 * size)], plan, {})


def hierarchy(draw: np.random.Generator) -> Study:
    """A sparse study: countries, regions in them, towns in these, few of them large, and a sensitive answer."""
    size = 6_000
    town = draw.choice(24, size, p=skewed(draw, 24, 0.6))
    kind = depending(draw, town, 6, 1.2)
    columns = {
        "country": town // 6,
        "region": town // 3,
        "town": town,
        "kind": kind,
        "work": depending(draw, kind, 6, 1.0),
        "level": depending(draw, kind, 4, 1.0),
        "harm": depending(draw, town, 3, 2.0),
        "source_id": draw.choice(9, size, p=skewed(draw, 9, 0.5)),
    }
    frame = coded(columns)
    frame.loc[draw.random(size) < 0.05, "work"] = "refused"
    sets = ["country region kind", "country work level", "region harm", "town harm", "town kind", "region town"]
    sets += [
        "region work",
        "town work",
        "country kind harm",
        "kind work harm",
        "region level harm",
        "country town level",
    ]
    return Study(frame, frame.iloc[: int(0.7 * size)], planned(sets, ("harm",)), {})


def coded(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Records with values as codes."""
    frame = pd.DataFrame({name: [f"{name[0]}{n:02}" for n in values] for name, values in columns.items()})
    ids = [f"p{n}" for n in range(len(frame))]
    return frame.assign(case_id=ids, person_id=ids, is_synthetic="yes", consent_scope="published_tables")


def counted(frame: pd.DataFrame, variables: Sequence[str], values: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Exact counts of every cell that there can be; missing answers as one."""
    index = pd.MultiIndex.from_product([values[name] for name in variables], names=variables)
    answers = frame[list(variables)].replace(list(KINDS_OF_MISSING), "no_answer")
    return answers.value_counts().rename("count").reindex(index, fill_value=0).reset_index()


def naive(frame: pd.DataFrame, releases: Sequence[Released]) -> Naive:
    """The same tables, and their totals in one and two ways, exact; what is from one to nine is left out of the tables."""
    values: dict[str, list[str]] = {}
    for release in releases:
        for table in release.tables.values():
            for name in table.columns.drop(["count", "status", "is_synthetic"], errors="ignore"):
                values[name] = list(dict.fromkeys([*values.get(name, []), *table[name]]))
    tables, entries, counts = {}, [], {}
    for entry in releases[-1].manifest["tables"]:
        variables = entry["variables"]
        for size in range(len(variables) + 1):
            for some in combinations(variables, size):
                name = entry["name"] if size == len(variables) else f"{entry['name']} by {some}"
                table = counted(frame, some, values) if some else pd.DataFrame({"count": [len(frame)]})
                if size == len(variables):
                    cells = table[variables].agg(" | ".join, axis=1)
                    counts[name] = dict(zip(cells, table["count"], strict=True))
                few = table["count"].between(1, 9) & (size == len(variables))
                status = np.select([few, table["count"] == 0], ["hidden", "zero"], "shown")
                tables[name] = table.assign(count=table["count"].astype("Int64").mask(few), status=status)
                entries.append({"name": name, "variables": list(some), "keeps_missing_apart": False})
    return Naive(tables, {"rules": {"rounding_base": 1, "persons": 1}, "tables": entries}, counts)


def true_counts(found: pd.DataFrame, study: Study, releases: Sequence[Released | Naive]) -> pd.Series:
    """The true count of each cell that was found."""
    counts: dict[tuple[int, str, str], int] = {}
    for at, (release, frame) in enumerate(zip(releases, study.frames(), strict=False)):
        for entry in release.manifest["tables"]:
            answers = frame[entry["variables"]].replace(list(KINDS_OF_MISSING), "no_answer")
            for cell, count in answers.value_counts().items() if entry["variables"] else ():
                counts[at, entry["name"], " | ".join(cell)] = count
    keys = zip(found["edition"], found["table"], found["cell"], strict=True)
    return pd.Series([counts.get(key, 0) for key in keys], found.index)


MAKERS = {"demonstration": demonstration, "adult": adult, "hierarchy": hierarchy}
HIDDEN = {"demonstration": 600, "adult": rounds(20, nightly=130), "hierarchy": 500}


@dataclass(frozen=True)
class Attacked:
    """What an attack found in two releases, with the true counts."""

    name: str
    study: Study
    releases: tuple[Released, Released]
    found: pd.DataFrame
    queries: int


@pytest.fixture(
    scope="module",
    params=["adult", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("demonstration", "hierarchy"))],
)
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """A study, released twice and attacked."""
    study, folder = MAKERS[request.param](np.random.default_rng(7)), tmp_path_factory.mktemp("releases")
    first = build_release(study.first, study.plan, POLICY, folder / "1", date=FIRST)
    second = build_release(study.cases, study.plan, POLICY, folder / "2", date=SECOND, earlier=[first])
    made = Attack([first, second], study.known).run()
    found = made.found()
    found["count"] = true_counts(found, study, (first, second))
    return Attacked(request.param, study, (first, second), found, made.queries)


@pytest.mark.slow
def test_the_true_count_is_never_excluded(attacked):
    assert attacked.found.eval("low <= count <= high").all()


@pytest.mark.slow
def test_no_hidden_cell_is_recovered_nor_known_within_two(attacked):
    assert attacked.queries >= 800 * len(attacked.found)
    assert attacked.found.query("high - low <= 4").empty


@pytest.mark.slow
def test_very_many_hidden_cells_are_attacked(attacked):
    assert len(attacked.found) >= HIDDEN[attacked.name]


@pytest.mark.nightly
def test_a_thousand_hidden_cells_are_attacked_in_all():
    assert sum(HIDDEN.values()) >= 1000


@pytest.mark.slow
def test_naive_suppression_gives_nearly_all_away(attacked):
    study = attacked.study
    printed = naive(study.frames()[1], attacked.releases)
    found = attack(printed, known=study.known)
    found["count"] = true_counts(found, replace(study, first=study.cases), [printed])
    assert found.eval("low <= count <= high").all()
    assert (found["low"] == found["high"]).mean() >= 0.9


def printed(persons: int, base: int, **tables: str) -> Naive:
    """Tables as they are printed: variables in the first line, then cells; a count of * is hidden."""
    frames, entries = {}, []
    for name, text in tables.items():
        head, *lines = (line.split() for line in text.strip().splitlines())
        frame = pd.DataFrame(lines, columns=[*head, "count"])
        status = np.select([frame["count"] == "*", frame["count"] == "0"], ["hidden", "zero"], "shown")
        count = pd.to_numeric(frame["count"].replace("*", None)).astype("Int64")
        frames[name] = frame.assign(count=count, status=status)
        entries.append({"name": name, "variables": head, "keeps_missing_apart": False})
    return Naive(frames, {"rules": {"rounding_base": base, "persons": persons}, "tables": entries})


def test_the_known_cell_of_lines_of_two_is_found():
    cells = "w a *\nw b *\nw c *\nw d 89\nx a *\nx b 124\nx c *\nx d 31\ny a 92\ny b *\ny c 59\ny d *\n"
    cells += "z a 800\nz b *\nz c 651\nz d *"
    rows, columns = "w 230\nx 250\ny 336\nz 3127", "a 1012\nb 1262\nc 779\nd 890"
    found = attack(printed(1, 1, cells=f"row column\n{cells}", rows=f"row\n{rows}", columns=f"column\n{columns}"))
    assert found.set_index("cell").loc["w | b", ["low", "high"]].tolist() == [47, 47]


def test_choices_of_one_question_that_are_answered_together_give_a_cell_away():
    release = printed(
        10,
        5,
        street="town street\nx yes *\nx no 40\nx no_answer *\ny yes 40\ny no 110\ny no_answer 60",
        flat="town flat\nx yes 20\nx no 20\nx no_answer 30\ny yes 90\ny no 60\ny no_answer 60",
        town="town\nx 65\ny 210",
    )
    known = {name: {"answered": ANSWERED} for name in ("street", "flat")}
    assert attack(release).eval("high - low").min() >= 10
    assert attack(release, known=known).set_index("cell").loc["x | yes", ["low", "high"]].tolist() == [0, 1]


def test_towns_that_make_up_a_region_give_a_cell_away():
    release = printed(
        10,
        5,
        region="region harm\nr yes 30\nr no 80\ns yes 60\ns no 100",
        town="town harm\nt1 yes *\nt1 no *\nt2 yes 30\nt2 no 40\nt3 yes 60\nt3 no 100",
        both="region town\nr t1 40\nr t2 70\nr t3 0\ns t1 0\ns t2 0\ns t3 160",
    )
    assert attack(release).set_index("cell").loc["t1 | yes", ["low", "high"]].tolist() == [0, 4]


def test_what_was_added_between_two_releases_gives_a_cell_away():
    before = printed(1, 1, work="work\na *\nb 20\nc *", all="town work\nt a *\nt b 20\nt c *")
    after = printed(1, 1, work="work\na 12\nb 20\nc *", all="town work\nt a 12\nt b 20\nt c *")
    found = attack(before, after)
    assert (found.query("edition == 0 and cell == 'a'")["high"] == 12).all()
