"""What is tried by day: a sample that a date draws again, with each kind in it, and in which everything comes in time."""

import conftest
import pytest
from conftest import sample_of_today

ITEMS = [(kind, number) for kind in "abc" for number in range(6)]


@pytest.fixture
def drawn(monkeypatch):
    """Gives the sample of a day."""
    monkeypatch.setattr(conftest, "NIGHTLY", False)

    def draw(day, **options):
        monkeypatch.setattr(conftest, "TODAY", day)
        return sample_of_today(ITEMS, 2, **options)

    return draw


def test_a_date_draws_the_same_sample_again_and_another_date_another_one(drawn):
    days = [f"2026-12-{day:02}" for day in range(1, 31)]
    assert [drawn(day) for day in days] == [drawn(day) for day in days]
    assert len({tuple(drawn(day)) for day in days}) > 20
    assert drawn(days[0]) != drawn(days[0], name="routes")


def test_each_kind_is_in_the_sample_of_each_day_and_everything_in_that_of_some_day(drawn):
    samples = [drawn(f"2026-12-{day:02}", kind=lambda item: item[0]) for day in range(1, 31)]
    assert all([kind for kind, _ in sample] == list("aabbcc") for sample in samples)
    assert all(sample == sorted(sample) for sample in samples)
    assert {item for sample in samples for item in sample} == set(ITEMS)


def test_at_night_everything_is_tried(monkeypatch):
    monkeypatch.setattr(conftest, "NIGHTLY", True)
    assert sample_of_today(ITEMS, 2) == ITEMS
    assert sample_of_today(iter(ITEMS), 1, kind=len) == ITEMS
