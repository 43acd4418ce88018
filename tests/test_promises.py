"""Every sentence that promises protection names the test that attacks it; a new sentence needs its test, or a reason."""

import ast
import csv
import json
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from conftest import ROOT

TESTS = Path(__file__).parent
NO_PROMISE = ("describes", "says what is not promised", "says what somebody has to do")
PAGES = ("docs/how-to/import-answers.md", "docs/how-to/release-counts.md", "docs/explanation/disclosure-control.md")
_CODE = re.compile(r"```.*?```", re.DOTALL)
_AFTER_STOP = re.compile(r"(?<=\.)\s+(?=[A-Z`(*])")


def sentences() -> dict[str, list[str]]:
    """The sentences on protection of each document: of the policy, of three pages of the documentation, of the page, and of the notebook."""
    policy = tomllib.loads((ROOT / "research_lib/disclosure/planning/policy.toml").read_text(encoding="utf-8"))
    with (ROOT / "research_lib/show/catalogues/en.po").open("rb") as file:
        phrases = {str(each.id): str(each.string) for each in read_po(file)}
    notebook = json.loads((ROOT / "notebooks/07_from_answers_to_page.ipynb").read_text(encoding="utf-8"))
    texts = {
        "policy.toml": [rule["reason"] for rule in policy.values()],
        **{page: [_CODE.sub("", (ROOT / page).read_text(encoding="utf-8"))] for page in PAGES},
        "interviews page": [said for key, said in phrases.items() if key.startswith("cases.protected_")],
        "notebook 07": ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"],
    }
    return {document: [each for text in found for each in _split(text)] for document, found in texts.items()}


def _split(text: str) -> list[str]:
    lines = [line for line in text.split("\n\n") if not line.startswith(("#", "|"))]
    return [each for line in lines for each in _AFTER_STOP.split(re.sub(r"\s+", " ", line).strip()) if each]


def register() -> list[dict[str, str]]:
    with (TESTS / "promises.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("document", ["policy.toml", *PAGES, "interviews page", "notebook 07"])
def test_every_sentence_is_registered_and_none_that_is_gone(document):
    assert [each["sentence"] for each in register() if each["document"] == document] == sentences()[document]


def test_every_promise_names_a_test_that_exists():
    tests = {
        f"{path.name}::{node.name}"
        for path in TESTS.glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    named = [each["test"] for each in register() if each["test"] not in NO_PROMISE]
    assert not [each for each in named if each not in tests]
    assert len(named) >= 50
