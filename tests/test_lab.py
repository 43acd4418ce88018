"""The same page as a widget in JupyterLab."""

import shutil

import pytest
from conftest import ROOT, run_first_cell, wait_until_idle

pytestmark = pytest.mark.browser


def test_the_routes_page_is_a_widget_in_jupyterlab(browser, own_lab):
    lab, folder = own_lab
    shutil.copy(ROOT / "dashboards/routes.ipynb", folder)
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    page.goto(f"{lab}/routes.ipynb?reset")
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
