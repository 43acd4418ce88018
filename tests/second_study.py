"""A second study, of another continent: SYNTHETIC, made up to show that the software carries any study."""

from pathlib import Path

import pandas as pd

from research_lib.evidence.new_study import new_study
from research_lib.rebuild import rebuild_tables

SOURCE = {"source": "example2020[1]"}
MARKED = "Synthetic: nobody said this."
VOCABULARIES = {
    "actors": "code,name,meaning\ncoyote,coyotes,those who lead people across a land border for money\n",
    "transport": "code,name,meaning\nriver-boat,by river boat,by boat on a river\n",
    "route_kinds": "code,name,meaning\ndisplacement,displacement,to leave a crisis\n",
}
PHRASES = """msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "routes.title"
msgstr "Synthetic: how did people cross the Orinoco?"

msgid "finding.river.title"
msgstr "Synthetic: most went by boat"

msgid "finding.river.text"
msgstr "Synthetic: a made-up finding."
"""
SETTINGS = """
home_countries = ["VEN"]
field_work = ["COL"]
last_year = 2024

[[findings]]
id = "river"
claims = ["c-example"]
"""


def make_second_study(folder: Path) -> Path:
    """Make a study of two countries of South America, with its own codes and phrases, and with every kind of page."""
    new_study(folder, title="SYNTHETIC: across the Orinoco", licence="CC0-1.0", countries=["COL", "VEN"])
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(SETTINGS)
    for name, text in VOCABULARIES.items():
        (folder / "vocabularies").mkdir(exist_ok=True)
        (folder / f"vocabularies/{name}.csv").write_text(text, encoding="utf-8")
    (folder / "phrases").mkdir()
    (folder / "phrases/en.po").write_text(PHRASES, encoding="utf-8")
    change(folder, "routes", start_year="2014", end_year="", kind="displacement", actor="coyote")
    change(folder, "legs", mode="river-boat", actor="coyote", legal_status="irregular")
    add(folder, "provisions", PROVISIONS)
    add(folder, "pathways", PATHWAYS)
    add(folder, "organisations", ORGANISATIONS)
    add(folder, "networks", NETWORKS)
    add(folder, "memberships", MEMBERSHIPS)
    rebuild_tables(folder)
    return folder


PROVISIONS = [
    {"id": "p-1", "name": "A shelter", "country_code": "COL", "topic_code": "shelter", "feature": "dedicated-shelters"}
    | {"presence": "in-force", "text": MARKED, "law": "Law 1 of 2015", "date": "2015"},
    {"id": "p-2", "name": "A hotline", "country_code": "VEN", "topic_code": "hotline", "feature": "national-hotline"}
    | {"presence": "planned", "text": MARKED},
]
PATHWAYS = [
    {"id": "w-1", "country_code": "COL", "from_code": "hotline", "to_code": "shelter", "text": MARKED}
    | {"provision_id": "p-1"},
]
ORGANISATIONS = [
    {"id": "o-1", "name": "Synthetic house", "country_code": "COL", "agency_type": "ngo", "is_respondent": "false"},
    {
        "id": "o-2",
        "name": "Synthetic town",
        "country_code": "COL",
        "agency_type": "municipality",
        "is_respondent": "false",
    },
    {"id": "o-3", "name": "Synthetic police", "country_code": "COL", "agency_type": "police", "is_respondent": "false"},
]
NETWORKS = [
    {"id": "n-1", "name": "Synthetic network", "country_code": "COL", "kind": "network", "level": "national"}
    | {"formality": "formal", "composition": "multi-agency", "structure": "not-stated", "verdict": "not-stated"},
]
MEMBERSHIPS = [
    {"id": f"m-{n}", "network_id": "n-1", "organisation_id": f"o-{n}", "role": "member", "agency_type": kind}
    for n, kind in enumerate(("ngo", "municipality", "police"), start=1)
]


def add(folder: Path, table: str, rows: list[dict[str, str]]) -> None:
    path = folder / f"tables/{table}.csv"
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    more = pd.DataFrame([{**row, **SOURCE} for row in rows]).reindex(columns=frame.columns, fill_value="")
    pd.concat([frame, more.fillna("")]).to_csv(path, index=False)


def change(folder: Path, table: str, **cells: str) -> None:
    path = folder / f"tables/{table}.csv"
    pd.read_csv(path, dtype="str", keep_default_na=False).assign(**cells).to_csv(path, index=False)
