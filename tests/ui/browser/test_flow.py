"""What people do with flows: look for one, see what came of each step, go on from there, and run it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.browser.browsing import Tab
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_a_flow_is_found_in_the_list(tab: Tab) -> None:
    """By any of its words; pipelines can be had alone."""
    tab.open("/flows")
    rows = tab.page.get_by_role("region", name="digits / retrain").get_by_role("rowheader")
    expect(rows).to_have_count(1)
    tab.page.get_by_label("Pipelines only").check()
    expect(rows).to_have_count(1)
    tab.page.get_by_role("searchbox", name="Find flows").fill("somebody else's")
    expect(tab.page.get_by_text("No flow matches.")).to_be_visible()
    tab.page.get_by_role("searchbox", name="Find flows").fill("nightly ann")
    rows.get_by_role("link").click()
    expect(tab.page.get_by_role("heading", name="retrain")).to_be_visible()


def test_each_step_says_what_came_of_it(site: Site, tab: Tab) -> None:
    """In the order in which they began, with how long they took; the graph has an arrow for what was handed on."""
    tab.open(f"/flows/{site.demo.flow}")
    steps = tab.page.get_by_role("rowheader")
    assert steps.all_inner_texts() == ["ingest", "tune", "register", "promote"]
    row = tab.page.get_by_role("row").filter(has_text="tune")
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("6 min")
    expect(row).to_contain_text("3 finished")
    expect(tab.page.get_by_role("row").filter(has_text="promote")).to_contain_text("cannot be read")
    expect(tab.page.locator("p.note.bad")).to_contain_text("cannot be read")
    expect(tab.page.locator("svg .fl-arrow")).to_have_count(2)


@pytest.mark.parametrize(
    ("link", "heading"),
    [
        ("ingest", "ingest"),
        ("sweep tune", "tune"),
        ("digits 3", "Version 3"),
        ("its run", "nightly"),
        ("nightly", "nightly"),
        ("performance report", "nightly"),
    ],
)
def test_a_flow_leads_on(site: Site, tab: Tab, link: str, heading: str) -> None:
    """To steps, trials, models, its own run, its experiment, and to what Dask said of it."""
    tab.open(f"/flows/{site.demo.flow}")
    tab.page.get_by_role("main").get_by_role("link", name=link, exact=True).first.click()
    tab.settled()
    expect(tab.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    expect(tab.page.get_by_text("There is no page")).to_have_count(0)


def test_the_step_that_is_pointed_at_is_lit_in_the_graph(site: Site, tab: Tab) -> None:
    """So that a row is found among the boxes, and a box among the rows."""
    tab.open(f"/flows/{site.demo.flow}")
    row = tab.page.get_by_role("row").filter(has_text="register")
    row.hover()
    expect(row).to_have_class("fl-lit")
    expect(tab.page.locator("svg .fl-box.lit")).to_contain_text("register")


def test_what_runs_a_flow_again_is_copied(site: Site, tab: Tab) -> None:
    """As one line for a shell."""
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open(f"/flows/{site.demo.flow}")
    card = tab.page.get_by_role("region", name="Run it again")
    card.get_by_role("button").click()
    expect(card.get_by_text("copied")).to_be_visible()
    copied: str = tab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == "mlff run examples/digits -e retrain --experiment nightly -P rows=900"
