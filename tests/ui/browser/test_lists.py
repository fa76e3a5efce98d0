"""What people do with lists: experiments and sweeps are found, ordered, picked and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.browser.browsing import Tab
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_experiments_are_found_and_ordered(tab: Tab) -> None:
    """By words, and by a head."""
    tab.open("/experiments")
    names = tab.page.locator("table.experiments").get_by_role("rowheader")
    head = tab.page.get_by_role("columnheader", name="Name")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    texts = names.all_inner_texts()
    assert texts == sorted(texts, key=str.lower)
    tab.page.get_by_role("searchbox", name="Find experiments").fill("digi")
    expect(names).to_have_count(1)
    assert "q=digi" in tab.place


def test_runs_of_several_experiments_are_seen_at_once(tab: Tab) -> None:
    """After picking them."""
    tab.open("/experiments")
    for name in ("digits", "nightly"):
        row = tab.page.locator("table.experiments tbody tr").filter(has_text=name)
        row.get_by_role("checkbox").check()
    tab.page.get_by_role("button", name="Runs of 2 experiments").click()
    expect(tab.page.get_by_role("rowheader").first).to_be_visible()
    assert tab.place.count("experiment=") == 2


def test_the_best_of_an_experiment_leads_to_its_run(tab: Tab) -> None:
    """As its value and the line of how it came about say."""
    tab.open("/experiments")
    tab.page.locator("table.experiments a.exp-best").first.click()
    expect(tab.page.get_by_role("heading", level=1)).to_contain_text("train")


def test_sweeps_are_found(site: Site, tab: Tab) -> None:
    """By state and by words; a row leads to its page."""
    tab.open("/sweeps")
    rows = tab.page.locator("table.sw-list tbody tr")
    tab.page.get_by_label("Only in this state").select_option("interrupted")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("interrupted")
    rows.get_by_role("link", name="tune").click()
    expect(tab.page.get_by_role("heading", name="tune")).to_be_visible()
    assert tab.place == f"/sweeps/{site.demo.sweep}"
    tab.open("/sweeps")
    tab.page.get_by_role("searchbox", name="Find sweeps").fill("nobody's")
    expect(tab.page.get_by_text("No sweep matches.")).to_be_visible()
