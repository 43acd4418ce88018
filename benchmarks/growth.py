"""How the costs of a study grow with its rows: its check, its rebuild, each page, and what each page weighs.

From the study in `data/` it makes synthetic ones of several times the rows: each copy has ids of its own, so that
references stay valid, and a number behind its names and texts. A copy of a country or a province is a town near it.
Each study is measured in a process of its own, after its pages were rendered once at their own size; seconds are those
of the processor. Prints a Markdown table; the exponent is the slope of log seconds over log rows between the second and
the last size.
"""

import argparse
import json
import math
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from research_lib.evidence.checks.place_checks import place_problems
from research_lib.evidence.study import open_study
from research_lib.evidence.tables import TABLES, Column, columns
from research_lib.rebuild import rebuild_tables
from research_lib.show.material import material_of
from research_lib.show.site.finished_pages import packed, without_search
from research_lib.show.translation import phrase_problems
from research_lib.show.widgets import page_widgets
from research_lib.show.widgets.panel import RenderedPages

DATA = Path(__file__).resolve().parents[1] / "data"
KEPT = ("sections", "codebook", "groups", "profiles", "pathways")  # pathways join codes, of which a country has few
NUMBERED = ("name", "text", "group_text", "definition", "purpose")
FRAME = ("undesa2020", "abel2022")  # official figures, of which each country has one a year
WIDGETS = ("RouteMap", "ProfileCards", "Provisions", "Assessment", "NetworkView")
NEAR = 1.2  # degrees from a place to its copies

Tables = dict[str, pd.DataFrame]


def grown_study(folder: Path, times: int, *, countries: int = 0, groups: int = 0, source: Path = DATA) -> Path:
    """Write a synthetic study of so many times the rows into a new folder; `countries`, `groups`: how many it has."""
    left_out = shutil.ignore_patterns(".*", "raw")
    shutil.copytree(source, folder, ignore=left_out)
    tables = {name: _read(folder, name) for name in TABLES}
    codes = _countries(tables["places"], folder, countries)
    tables["groups"] = _more_groups(tables["groups"], groups)
    copies = [_copy(tables, number, codes) for number in range(1, times)]
    for name, table in tables.items():
        whole = pd.concat([table, *(copy[name] for copy in copies if name in copy)])
        whole.to_csv(folder / f"tables/{name}.csv", index=False, lineterminator="\n")
    settings = (folder / "study.toml").read_text(encoding="utf-8")
    settings = re.sub(r'^title = "', 'title = "Synthetic: ', settings, count=1, flags=re.MULTILINE)
    if countries:
        settings = re.sub(r"^countries = .*$", f"countries = {json.dumps(codes)}", settings, flags=re.MULTILINE)
    (folder / "study.toml").write_text(settings, encoding="utf-8")
    rebuild_tables(folder)
    return folder


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"tables/{name}.csv", dtype="str", keep_default_na=False)


def _countries(places: pd.DataFrame, folder: Path, count: int) -> list[str]:
    """The countries that the study compares, filled up with others that it has a place for."""
    own = list(open_study(folder).countries)
    others = places.loc[places["kind"] == "country", "country_code"]
    return [*own, *(code for code in others if code not in (*own, "CHN"))][: max(count, len(own))]


def _more_groups(groups: pd.DataFrame, count: int) -> pd.DataFrame:
    wanted = max(count - len(groups), 0)
    more = [
        groups[groups["is_profile"] == "true"].assign(id=lambda rows, n=n: rows["id"] + f"-x{n}", country_code="")
        for n in range(1, wanted + 1)
    ]
    return pd.concat([groups, pd.concat(more).head(wanted)]) if more else groups


def _copy(tables: Tables, number: int, countries: list[str]) -> Tables:
    """All rows once more: their ids have the number of the copy, and where there are more countries, another one."""
    rows = {name: table for name, table in tables.items() if name not in KEPT}
    rows["places"] = _near(rows["places"], number)
    rows["figures"] = rows["figures"][~rows["figures"]["source"].str.startswith(FRAME)]
    ids = {name: {each: f"{each}-x{number}" for each in table["id"]} for name, table in rows.items()}
    ids["groups"] = _other_groups(tables["groups"]["id"].tolist(), number)
    moved = dict(zip(countries, [*countries[number % len(countries) :], *countries], strict=False))
    return {name: _renamed(name, table, ids, number, moved if name != "places" else {}) for name, table in rows.items()}


def _near(places: pd.DataFrame, number: int) -> pd.DataFrame:
    """Towns near the places of the study; parts of the world are not copied."""
    towns = places[places["kind"] != "world-region"]
    draws = [random.Random(f"{each} {number}") for each in towns["id"]]
    north, east = ([draw.uniform(-NEAR, NEAR) for draw in draws] for _ in range(2))
    return towns.assign(
        kind=towns["kind"].where(~towns["kind"].isin(["country", "province"]), "city"),
        iso_3166_2="",
        located_by=towns["located_by"].replace("capital", "city"),
        latitude=(towns["latitude"].astype(float) + north).map("{:.4f}".format),
        longitude=(towns["longitude"].astype(float) + east).map("{:.4f}".format),
    )


def _other_groups(ids: list[str], number: int) -> dict[str, str]:
    """Let a copy speak of another copy of each group, where the study has several."""
    own = [each for each in ids if not re.search(r"-x\d+$", each)]
    several = {each: [each, *(other for other in ids if other.startswith(f"{each}-x"))] for each in own}
    return {each: others[number % len(others)] for each, others in several.items()}


def _renamed(
    name: str, table: pd.DataFrame, ids: Mapping[str, dict[str, str]], number: int, moved: dict[str, str]
) -> pd.DataFrame:
    changed = {}
    for column in columns(TABLES[name]):
        own = ids[name] if column.name == "id" else _keys(column, ids, moved)
        if own:
            cells = (cell.split(";") for cell in table[column.name])
            changed[column.name] = [";".join(own.get(part, part) for part in cell) for cell in cells]
        elif column.name.startswith(NUMBERED) and not column.codes:
            changed[column.name] = [cell and f"{cell} ({number + 1})" for cell in table[column.name]]
    return table.assign(**changed)


def _keys(column: Column, ids: Mapping[str, dict[str, str]], moved: dict[str, str]) -> dict[str, str]:
    return moved if column.key == "country_code" else ids.get(column.table, {})


def measured(folder: Path) -> dict[str, dict[str, float]]:
    """The seconds of each part of the work on a study, and the bytes of its pages and widgets, packed."""
    _pages_of(DATA, {}, {})
    seconds: dict[str, float] = {}
    weights: dict[str, float] = {}
    timed(seconds, "check", lambda: _problems(folder))
    timed(seconds, "rebuild", lambda: rebuild_tables(folder))
    _pages_of(folder, seconds, weights)
    rows = sum(len(table.frame) for table in open_study(folder).table_files.values())
    return {"seconds": seconds, "weights": weights, "rows": {"rows": rows}}


def _pages_of(folder: Path, seconds: dict[str, float], weights: dict[str, float]) -> None:
    material = timed(seconds, "open", lambda: material_of(open_study(folder)))
    pages = RenderedPages(material)
    for page in material.pages:
        html = timed(seconds, f"page {page}", lambda page=page: pages.document(page, "en"))
        weights[f"page {page}"] = len(packed(without_search(html, page)[0].encode()))
    for name in WIDGETS:
        weights[f"widget {name}"] = len(getattr(page_widgets, name)(bundle=pages).packed)


def _problems(folder: Path) -> None:
    study = open_study(folder)
    found = [*study.problems(), *place_problems(study.table_files["places"]), *phrase_problems(study)]
    if found:
        raise ValueError(f"{len(found)} problems, such as {found[0]}")


def timed[T](seconds: dict[str, float], name: str, work: Callable[[], T]) -> T:
    """Do a piece of work, and note the processor's seconds."""
    started = time.process_time()
    done = work()
    seconds[name] = time.process_time() - started
    return done


def exponent(costs: list[float], rows: list[float]) -> float:
    """The slope of log cost over log rows between the second size, or the only other one, and the last."""
    first = min(1, len(rows) - 2)
    return math.log(costs[-1] / costs[first]) / math.log(rows[-1] / rows[first])


def main() -> None:
    """Measure the sizes that are asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 3, 10], help="sizes, such as 1 3 10 30")
    parser.add_argument("--countries", type=int, default=0, help="how many countries the study compares")
    parser.add_argument("--groups", type=int, default=0, help="how many groups the study has")
    parser.add_argument("--measure", type=Path, help="print what one study costs, as JSON")
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measured(given.measure)))
        return
    found = []
    with tempfile.TemporaryDirectory() as place:
        for times in given.times:
            folder = grown_study(Path(place) / f"x{times}", times, countries=given.countries, groups=given.groups)
            command = [sys.executable, __file__, "--measure", str(folder)]
            found.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
            print(f"×{times} is measured", file=sys.stderr)
    rows = [each["rows"]["rows"] for each in found]
    heads = [f"×{times}: {count:,} rows" for times, count in zip(given.times, rows, strict=True)]
    for title, part, write in (("seconds", "seconds", "{:.2f}"), ("bytes, packed", "weights", "{:,.0f}")):
        print(f"\n| {title} | {' | '.join(heads)} | exponent |\n|---|{'---|' * len(heads)}---|")
        for name in found[0][part]:
            costs = [each[part][name] for each in found]
            slope = f"{exponent(costs, rows):.2f}" if len(costs) > 1 else ""
            print(f"| {name} | {' | '.join(map(write.format, costs))} | {slope} |")


if __name__ == "__main__":
    main()
