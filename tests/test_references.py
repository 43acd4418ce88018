"""References: what they are made of, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.errors import CitationError
from research_lib.evidence.references import Reference, parse_references, places_by_source

KEYS = st.from_regex(r"[a-z0-9_-]+", fullmatch=True)
LOCATORS = st.text(st.characters(exclude_characters="[];", exclude_categories=("Cs", "Cc")), max_size=12)


def test_one_and_several():
    assert parse_references("exchange2007[3.3.2.a]") == [Reference("exchange2007", "3.3.2.a")]
    assert parse_references("exchange2007[3.3.4.2];jeffreys2004") == [
        Reference("exchange2007", "3.3.4.2"),
        Reference("jeffreys2004"),
    ]
    assert parse_references("") == []


def test_a_source_stands_once_with_its_places_in_reading_order():
    cells = ["exchange2007[2.10]", "jeffreys2004;exchange2007[2.9]", "exchange2007[2.10]", "exchange2007[annex]"]
    assert places_by_source(cells) == {"exchange2007": ["2.9", "2.10", "annex"], "jeffreys2004": []}


@given(st.lists(st.builds(Reference, KEYS, LOCATORS), min_size=1, max_size=4))
def test_what_is_written_is_read_back(references):
    assert parse_references(";".join(map(str, references))) == references


@pytest.mark.parametrize("text", ["a[b", "a]b[", "a[b];", "A 2007", "a[[b]]", "a[b]c", " a", "a[]"])
def test_malformed_references_are_quoted_in_the_error(text):
    with pytest.raises(CitationError, match="is not a reference"):
        parse_references(text)
