"""Person-first words: no label for people that the list of words to avoid names stands in our own words."""

import csv
import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
SHOW = ROOT / "research_lib/show"
LANGUAGES = {"en", "fr", "it", "sk", "zh-Hans"}
OWN_COLUMNS = re.compile(r"(text|label|title|memo|note|definition|condition|reason|term|meaning|service)(_\w+)?")


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LIST = read(SHOW / "catalogues/words_to_avoid.csv")


def labels(text):
    """The words of the list that a text uses, whole words but for Chinese, each with the better one."""
    return [(row["avoid"], row["better"]) for row in LIST if _pattern(row).search(text)]


def _pattern(row):
    word = re.escape(row["avoid"])
    plural = "s?" if row["language"] == "en" else ""
    return re.compile(word if row["language"] == "zh-Hans" else rf"\b{word}{plural}\b", re.IGNORECASE)


def catalogues():
    for path in sorted((SHOW / "catalogues").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                phrases = message.string if isinstance(message.string, tuple | list) else [message.string]
                yield from ((f"{path.name} {message.id}", phrase) for phrase in phrases)


def tables():
    for path in sorted([*(ROOT / "data/tables").glob("*.csv"), *(ROOT / "data").glob("*.csv")]):
        if path.stem == "sections":  # the headings of the report, as it prints them
            continue
        for number, row in enumerate(read(path), start=2):
            yield from ((f"{path.name} {number}", row[name]) for name in row if OWN_COLUMNS.fullmatch(name))


def notebooks():
    for folder in ("notebooks", "dashboards"):
        for path in sorted((ROOT / folder).glob("*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            yield from ((path.name, "".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown")


def templates():
    for pattern in ("*.j2", "*.mjs"):
        yield from ((path.name, path.read_text(encoding="utf-8")) for path in sorted(SHOW.rglob(pattern)))


@pytest.mark.parametrize("texts", [catalogues, tables, notebooks, templates])
def test_no_label_for_people_stands_in_our_own_words(texts):
    found = [(place, avoid, f"write: {better}") for place, text in texts() for avoid, better in labels(text)]
    assert found == []
    assert sum(1 for _ in texts()) > 10


def test_the_list_has_a_better_word_in_every_language():
    assert {row["language"] for row in LIST} == LANGUAGES
    assert all(row["better"].strip() and not labels(row["better"]) for row in LIST)


@pytest.mark.parametrize(
    "text", ["Illegal migrants came.", "une prostituée chinoise", "i clandestini", "prostitútka", "许多非法移民"]
)
def test_a_label_is_found_and_the_thing_itself_is_not(text):
    assert labels(text)
    assert not labels("Prostitution, a clandestine journey, un passage clandestin, la prostitution, 卖淫")
