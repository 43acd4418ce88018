"""The second study, of another continent: SYNTHETIC, made up to show that the software carries any study."""

import random
import shutil
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent / "orinoco"
MARKED = "Synthetic: "
PEOPLE = 240


def make_second_study(folder: Path) -> Path:
    """Copy the study of two countries of South America, with its own codes, phrases and questionnaire."""
    shutil.copytree(FOLDER, folder)
    return folder


def write_export(path: Path) -> Path:
    """Write what 240 made-up people answered to the study's own questionnaire, as KoBoToolbox exports it."""
    draw = random.Random(1)
    rows = [_answers(number, draw) for number in range(PEOPLE)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def _answers(number: int, draw: random.Random) -> dict[str, object]:
    country = draw.choice(["COL", "COL", "VEN"])
    guide = draw.choice(["coyote", "kin", "coyote kin", "nobody"])
    return {
        "case_code": f"or{number:05}",
        "source_id": f"house-{number % 5}",
        "country_code": country,
        "site": draw.choice(["cucuta", "arauca"]) if country == "COL" else "san_cristobal",
        "interview_year": "2024",
        "respondent": "person",
        "consent": "yes",
        "consent_scope": "this_study published_tables",
        "legal_basis": "consent",
        "age_band": draw.choice(["under_18", "18_29", "18_29", "30_44", "45_over"]),
        "origin_state": draw.choice(["tachira", "apure", "amazonas", "refused"]),
        "crossing": draw.choice(["river_boat", "river_boat", "on_foot", "bridge"]),
        "guide": guide,
        "price_band": "" if guide == "nobody" else draw.choice(["less", "more", "dk"]),
        "work_before": draw.choice(["farm", "shop", "school", "none"]),
        "work_after": draw.choice(["farm", "street", "house", "none"]),
        "paid_as_agreed": draw.choice(["yes", "no", "no", "refused"]),
        "_id": str(number),
        "_submission_time": "2024-03-01T10:11:12",
    }


def add(folder: Path, table: str, rows: list[dict[str, str]]) -> None:
    """Add rows to a table of a study, each with the same source unless it has its own."""
    path = folder / f"tables/{table}.csv"
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    more = (
        pd.DataFrame([{"source": "example2020[1]", **row} for row in rows])
        .reindex(columns=frame.columns)
        .astype("object")
    )
    pd.concat([frame, more.fillna("")]).to_csv(path, index=False)


def change(folder: Path, table: str, **cells: str) -> None:
    """Give all rows of a table the same cells."""
    path = folder / f"tables/{table}.csv"
    pd.read_csv(path, dtype="str", keep_default_na=False).assign(**cells).to_csv(path, index=False)
