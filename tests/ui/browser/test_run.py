"""What people do with one run: read its files, and go through its parts by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.browser.browsing import Tab
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def _files(site: Site, tab: Tab, *names: str) -> None:
    tab.open(f"/runs/{site.demo.run}?tab=artifacts")
    for name in names:
        tab.page.get_by_role("navigation", name="Files").get_by_text(name).first.click()


def test_a_table_is_shown_as_one(site: Site, tab: Tab) -> None:
    """With its heads and rows."""
    _files(site, tab, "tables", "errors.csv")
    expect(tab.page.get_by_role("columnheader", name="label")).to_be_visible()
    expect(tab.page.get_by_role("cell", name="seven")).to_be_visible()


def test_a_picture_is_drawn(site: Site, tab: Tab) -> None:
    """In the size that it has."""
    _files(site, tab, "images", "confusion_1.png")
    picture = tab.page.locator("main img").first
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 48)


def test_a_page_among_the_files_stays_in_its_frame(site: Site, tab: Tab) -> None:
    """It may run, but it is nobody here: it can neither reach the pages nor ask the server in their name."""
    _files(site, tab, "page.html")
    frame = tab.page.locator("iframe")
    expect(frame).to_be_visible()
    sandbox = frame.get_attribute("sandbox") or ""
    assert "allow-same-origin" not in sandbox.split()
    assert "allow-top-navigation" not in sandbox.split()
    assert tab.page.title() != "taken"


def test_arrows_go_through_the_tabs(site: Site, tab: Tab) -> None:
    """The address follows, and the one that is shown has the focus."""
    tab.open(f"/runs/{site.demo.run}")
    tab.page.get_by_role("tab", name="Overview").focus()
    tab.page.keyboard.press("ArrowRight")
    expect(tab.page.get_by_role("tab", name="Charts")).to_be_focused()
    assert tab.place.endswith("tab=charts")
    expect(tab.page.locator("canvas").first).to_be_visible()
