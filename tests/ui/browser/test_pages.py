"""Every page shows what is in the store, says no error, breaks no policy and asks no other host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.ui.browser.browsing import PATIENCE_MS, Tab
from tests.ui.browser.demo import HOSTILE, Demo
from tests.ui.browser.places import places

if TYPE_CHECKING:
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
#: The names alone, for those who collect tests before there is a store.
NAMES = sorted(
    places(Demo(store=Path(), experiment="", run="", curved=(), sweep="", front="", flow="", model=""))
)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_what_it_is_for(site: Site, tab: Tab, name: str) -> None:
    """When its address is opened, without a click."""
    place = places(site.demo)[name]
    tab.open(place.path)
    for word in place.words:
        expect(tab.page.locator("body")).to_contain_text(word, timeout=PATIENCE_MS)
    expect(tab.page.get_by_role("alert")).to_have_count(0)


def test_names_are_text(site: Site, tab: Tab) -> None:
    """Whatever a run is called, it is shown and not run."""
    tab.open(f"/experiments/{site.demo.experiment}?q=taken")
    expect(tab.named(HOSTILE)).to_be_visible()
    assert tab.page.locator("main img").count() == 0
    assert "taken" not in tab.page.title()


def test_every_link_of_the_bar_leads_somewhere(tab: Tab) -> None:
    """What cannot be shown yet must not be offered."""
    tab.open("/")
    links = tab.page.get_by_role("navigation", name="Pages").get_by_role("link")
    for place in range(links.count()):
        links.nth(place).click()
        tab.settled()
        expect(tab.page.get_by_text("There is no page")).to_have_count(0)
        expect(links.nth(place)).to_have_attribute("aria-current", "page")
