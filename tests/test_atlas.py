"""The states of every page: no fault in any, by day in a few of one window, at night in all of every window."""

from dataclasses import replace

import atlas
import pytest
from conftest import NIGHTLY

from research_lib.show.pages.names import PAGES

DAY = {"values": 1, "others": 1, "every": 9}


def windows_of(page, folder):
    every = [window for window in atlas.windows({"own": folder}) if window.page == page]
    return every if NIGHTLY else [replace(every[PAGES.index(page) % len(every)], most=DAY)]


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_no_state_of_a_page_has_a_fault(browser, bundle, page):
    found = [state for window in windows_of(page, bundle.folder) for state in atlas.states(browser, window)]
    assert len(found) > 10
    assert atlas.faults_of(found) == []
