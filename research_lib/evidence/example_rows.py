"""Example rows for a new study: one or a few in each table that the first pages need, each marked as an example."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from research_lib.evidence.settings import LANGUAGES
from research_lib.evidence.vocabulary.journeys import DIMENSIONS

BIBLIOGRAPHY = """@report{example2020,
  title = {Example: replace this source},
  author = {Example, Author},
  institution = {Example institution},
  year = {2020},
  kind = {report},
  informant = {researcher}
}
"""
EXAMPLE_FINDING = """
# A finding of the home page stands below all other settings; README.md lists the drawings.
# [[findings]]
# id = "example"
# claims = ["c-example"]
# title = "Example: replace this finding"
# text = "Example: say what the claims show."
# drawing = "ways-of-entry"
"""
_SOURCE = {"source": "example2020[1]"}
_MARKED = "Example: replace this row."
_DEFINITIONS = {
    "demographic": "Age, family and place of origin.",
    "socioprofessional": "Schooling and work before leaving.",
    "migration": "Why and how people left, and how they travelled.",
    "settlement": "How people live and work on arrival.",
    "prostitution": "Prostitution and exploitation, where a source speaks of it.",
}

_INTERVIEW = Path(__file__).with_name("first_interview.csv")
_LABELS = {"en": "English (en)", "fr": "French (fr)"}

Rows = list[dict[str, str]]


def example_rows(countries: Sequence[tuple[str, str, float, float]]) -> dict[str, Rows]:
    """Give the example rows by table.

    `countries`: code, name, latitude and longitude of each country of the study; they become places. A journey leads
    from the last of them to the first.
    """
    code, _, latitude, longitude = countries[0]
    origin = countries[-1][0].lower()
    town = {
        "id": "example-town",
        "name": "Example town",
        "kind": "city",
        "parent_id": code.lower(),
        "country_code": code,
    }
    town |= {"latitude": f"{latitude + 0.5:.2f}", "longitude": f"{longitude + 0.5:.2f}", "located_by": "drawing-point"}
    journey = {
        "actor": "not-stated",
        "legal_status": "not-stated",
        "certainty": "stated",
        "informant": "researcher",
        "text": _MARKED,
        "claim_id": "c-example",
    }
    route = {"id": "r-example", "name": "Example route", "kind": "migration", "mode_of_entry": "not-stated"}
    route |= {"group_id": "example-group", "origin_id": origin, "destination_id": "example-town", **journey}
    leg = {"id": "r-example-1", "route_id": "r-example", "leg_order": "1", "from_id": origin, "to_id": "example-town"}
    leg |= {"mode": "not-stated", "purpose": "work", **journey}
    claim = {"id": "c-example", "text": _MARKED, "informant": "researcher", "certainty": "stated"}
    claim |= {
        "country_code": code,
        "place_id": "example-town",
        "group_id": "example-group",
        "code": "migration",
    }
    tables = {
        "sections": [{"id": "example-1", "source_id": "example2020", "locator": "1", "title": _MARKED}],
        "codebook": [_dimension(each) for each in DIMENSIONS],
        "places": [*map(_country, countries), town],
        "groups": [{"id": "example-group", "name": "Example group", "definition": _MARKED, "is_profile": "true"}],
        "claims": [claim],
        "routes": [route],
        "legs": [leg],
    }
    return {table: [_translated({**row, **_SOURCE}) for row in rows] for table, rows in tables.items()}


def first_interview(countries: Sequence[tuple[str, str, float, float]], languages: Sequence[str]) -> str:
    """Write the questionnaire of a new study: what each record needs, and one question of its own to begin with."""
    rows = list(csv.reader(_INTERVIEW.read_text(encoding="utf-8").splitlines()))
    choices = next(at for at, row in enumerate(rows) if row[0] == "choices") + 2
    sites = [["", "site", "other_site", "another place", "un autre lieu", "all"]]
    own = [["", "country_code", code, name, name, ""] for code, name, *_ in countries]
    texts = {f"::{name}" for code, name in _LABELS.items() if code not in languages}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    left_out: set[int] = set()
    for row in [*rows[:choices], *own, *sites, *rows[choices:]]:
        if "name" in row:
            left_out = {at for at, name in enumerate(row) if any(name.endswith(text) for text in texts)}
        writer.writerow([cell for at, cell in enumerate(row) if at not in left_out or row[0]])
    return stream.getvalue()


def _country(country: tuple[str, str, float, float]) -> dict[str, str]:
    code, name, latitude, longitude = country
    at = {"latitude": f"{latitude:.2f}", "longitude": f"{longitude:.2f}", "located_by": "drawing-point"}
    return {"id": code.lower(), "name": name, "kind": "country", "country_code": code, **at}


def _dimension(code: str) -> dict[str, str]:
    return {"id": code, "name": code.capitalize(), "definition": _DEFINITIONS[code]}


def _translated(row: dict[str, str]) -> dict[str, str]:
    """The row with the English text in the columns of other languages too, so that these can be overwritten."""
    others = [language for language in LANGUAGES if language != "en"]
    words = {name: row[name] for name in ("name", "definition", "text") if name in row}
    return {**row, **{f"{name}_{other}": text for name, text in words.items() for other in others}}
