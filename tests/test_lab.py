"""The same page as a widget in JupyterLab."""

from pathlib import Path

import pytest
from conftest import run_first_cell, run_lab, wait_until_idle

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def lab(bundle):
    with run_lab(ROOT) as address:
        yield address


def test_the_routes_page_is_a_widget_in_jupyterlab(browser, lab):
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    page.goto(f"{lab}/lab/tree/dashboards/routes.ipynb?reset")
    wait_until_idle(page)
    menu_font = page.evaluate("getComputedStyle(document.querySelector('.lm-MenuBar')).fontFamily")
    run_first_cell(page)
    all_legs = page.locator(".research-page tr[data-row]:not([hidden])").count()
    page.click(".research-page .filterbox > summary")
    page.click(".research-page details[data-facet=destination] summary")
    page.check(".research-page input[name=destination][value=france]")
    assert 0 < page.locator(".research-page tr[data-row]:not([hidden])").count() < all_legs
    assert menu_font == page.evaluate("getComputedStyle(document.querySelector('.lm-MenuBar')).fontFamily")
    context.close()
