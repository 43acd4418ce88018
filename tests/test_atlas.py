"""The states of every page: no fault in any, by day a few of some pages in one window, at night in all of every window."""

from dataclasses import replace

import atlas
import pytest
from conftest import NIGHTLY, sample_of_today

from research_lib.show.pages.study_pages import PAGES

DAY = {"values": 1, "others": 1, "every": 5, "addresses": 1}
# Faults that stand: the page, the kind, and where. Each is to be mended, and its line goes with it.
KNOWN = {
    ("comparison", "text covered", "section#timeline th"),
    ("routes", "texts overlap", "svg[data-role=map] text"),
    ("routes", "out of the window", "kind"),
}
AWAY = ("routes", "out of the window")  # the page scrolls to what a mark stands for, and the focus stays on the mark


def windows_of(page, folder):
    every = [window for window in atlas.windows({"own": folder}) if window.page == page]
    return every if NIGHTLY else [replace(window, most=DAY) for window in sample_of_today(every, 1, name=page)]


@pytest.mark.browser
@pytest.mark.parametrize("page", sample_of_today(PAGES, 4))
def test_no_state_of_a_page_has_a_fault(browser, bundle, page):
    found = [state for window in windows_of(page, bundle.folder) for state in atlas.states(browser, window)]
    assert len(found) > 8
    new = [fault for fault in atlas.faults_of(found) if fault[:3] not in KNOWN]
    assert [fault for fault in new if (fault[:2], fault[3]) != (AWAY, "it has the focus")] == []
