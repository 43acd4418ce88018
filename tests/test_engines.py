"""The same cases and plan give the same release, byte for byte, whichever engine holds the cases and counts them."""

import datetime
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.signatures import new_key
from research_lib.missing_answers import MISSING

SIZE, PERSONS = 6_000, 5_700
# Values that engines are apt to order, fold or pad in ways of their own.
VALUES = {
    "country_code": ("FRA", "ITA"),
    "age_band": ("under_18", "18_19", "20_24", "60_plus"),
    "origin_province": ("cn-zj", "CN-ZJ", "cn_zj", "cn-zj ", "Žilina", "zilina", "浙江", "辽宁", "\u00e9", "e\u0301"),
    "education": ("10", "9", "09", "1e1", "true", "'quoted'", 'a "b"', "back\\slash", "", "%_"),
    "practice": ("now", "past", "never"),
}
PLAN = Plan(
    (
        PlannedTable("three", ("country_code", "origin_province", "age_band")),
        PlannedTable("other-three", ("origin_province", "education", "practice")),
        PlannedTable("two-apart", ("education", "practice"), keeps_missing_apart=True),
        PlannedTable("one-apart", ("education",), keeps_missing_apart=True),
    ),
    ("practice",),
)
DATE = datetime.date(2026, 1, 31)


def skewed(draw, values):
    shares = draw.dirichlet(np.ones(len(values))) + 0.02
    return draw.choice(np.array(values, dtype=object), SIZE, p=shares / shares.sum())


@pytest.fixture(scope="module")
def cases():
    draw = np.random.default_rng(5)
    person = np.concatenate([np.arange(PERSONS), draw.integers(0, PERSONS, SIZE - PERSONS)])
    columns = {"case_id": [f"c{n}" for n in range(SIZE)], "is_synthetic": np.full(SIZE, "yes", dtype=object)}
    columns["consent_scope"] = skewed(draw, ["published_tables", "this_study published_tables", "this_study"])
    columns |= {"person_id": [f"p{n}" for n in person], "source_id": skewed(draw, [f"s{n}" for n in range(12)])}
    return pd.DataFrame(columns | {name: skewed(draw, (*values, *MISSING)) for name, values in VALUES.items()})


@pytest.fixture(scope="module")
def released(cases, tmp_path_factory):
    """Build a release of some cases with one key, and give the bytes of each of its files."""
    key = new_key()

    def build(source):
        folder = tmp_path_factory.mktemp("engine") / "release"
        build_release(source, PLAN, Policy.read(), folder, date=DATE, key=key)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    return build


@pytest.fixture(scope="module")
def from_memory(cases, released):
    return released(cases)


@pytest.fixture(scope="module")
def stored(cases):
    """The cases as a database may hold them: in another order."""
    return cases.sample(frac=1, random_state=6).reset_index(drop=True)


@pytest.fixture(scope="module")
def duckdb(stored, tmp_path_factory):
    connection = ibis.duckdb.connect(tmp_path_factory.mktemp("duckdb") / "cases.duckdb")
    yield connection.create_table("cases", stored)
    connection.disconnect()


def as_server(*command):
    """Run a command of PostgreSQL, which refuses to be run by root."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/", **user)


@pytest.fixture(scope="module")
def postgres(stored):
    found = shutil.which("initdb") or max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
    if not found:
        missing = "PostgreSQL is not installed: there is no initdb"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    control = str(Path(found).with_name("pg_ctl"))
    # Not pytest's own folder, which only the user of the tests may enter; a socket's path has to be short, too.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = f"{folder}/data"
        as_server(found, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *ORDER_OF_WORDS)
        as_server(
            control, "start", "-w", "-D", data, "-l", f"{folder}/log", "-o", f"-c listen_addresses='' -k {folder}"
        )
        try:
            connection = ibis.postgres.connect(host=folder, user="postgres", database="postgres")
            yield connection.create_table("cases", stored)
            connection.disconnect()
        finally:
            as_server(control, "stop", "-w", "-m", "immediate", "-D", data)


# Words are not in the order of their bytes, as in the usual set-up of a server, whatever locales the machine has.
ORDER_OF_WORDS = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")


@pytest.fixture(scope="module")
def spark(stored, tmp_path_factory):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Java, which Spark needs, is not installed")
    folder = tmp_path_factory.mktemp("spark")
    stored.to_parquet(folder / "cases.parquet")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    session = builder.config("spark.sql.shuffle.partitions", "4").config(
        "spark.sql.warehouse.dir", f"{folder}/warehouse"
    )
    started = session.getOrCreate()
    yield ibis.pyspark.connect(started).read_parquet(folder / "cases.parquet")
    started.stop()


@pytest.mark.slow
def test_the_release_compared_has_every_kind_of_cell(from_memory):
    lines = b"".join(content for name, content in from_memory.items() if name.startswith("tables/"))
    assert all(lines.count(status) >= 3 for status in (b",shown,yes\n", b",hidden,yes\n", b",zero,yes\n"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine", ["duckdb", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("postgres", "spark"))]
)
def test_every_engine_gives_the_same_bytes(engine, request, released, from_memory):
    table = request.getfixturevalue(engine)
    assert table.get_backend().name == {"spark": "pyspark"}.get(engine, engine)
    assert released(table) == from_memory
