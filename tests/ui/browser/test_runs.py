"""What people do with runs: look for them, order them, pick and compare them, by mouse, keys and address."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.ui.browser.browsing import PATIENCE_MS, Tab, tab_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def _filter(tab: Tab) -> Locator:
    return tab.page.get_by_role("combobox", name="Filter runs")


def _grid(tab: Tab) -> Locator:
    return tab.page.get_by_role("grid", name="Runs")


def _order_by(tab: Tab, title: str) -> None:
    tab.page.get_by_role("columnheader").filter(has_text=title).get_by_role("button").first.click()


def _asked(tab: Tab) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.page.url).query)


def test_words_are_looked_for_at_once(tab: Tab) -> None:
    """While they are typed, in the tab."""
    tab.open("/runs")
    _filter(tab).fill("still run")
    expect(tab.page.get_by_role("rowheader")).to_have_count(1)
    expect(tab.named("still running")).to_be_visible()
    expect(tab.page.get_by_text("1 of 72 runs")).to_be_visible()


def test_an_expression_is_read_by_the_server(tab: Tab) -> None:
    """And the address keeps it."""
    tab.open("/runs")
    _filter(tab).fill("attributes.status = 'FAILED'")
    expect(
        tab.page.get_by_text("6 of 72 runs").or_(tab.page.get_by_text("6 runs", exact=True))
    ).to_be_visible()
    assert _asked(tab)["q"] == ["attributes.status = 'FAILED'"]


def test_a_mistake_is_said_where_it_is(site: Site, browser: Browser) -> None:
    """The rows stay; the refusal of the server is no accident, so the console may tell of it."""
    with tab_at(site.url, browser) as tab:
        tab.open("/runs")
        _filter(tab).fill("metrics.accuracy >")
        expect(_filter(tab)).to_have_attribute("aria-invalid", "true")
        expect(tab.page.locator("#filter-said")).not_to_be_empty()
        assert [each for each in tab.wrong if "400" not in each] == []


def test_a_head_orders(tab: Tab) -> None:
    """Metrics from the better end first; again turns it round; the address says so."""
    tab.open("/runs?q=train")
    _order_by(tab, "accuracy")
    expect(tab.page.get_by_role("columnheader").filter(has_text="accuracy")).to_have_attribute(
        "aria-sort", "descending"
    )
    first = tab.first_names(2)
    _order_by(tab, "accuracy")
    expect(tab.page.get_by_role("columnheader").filter(has_text="accuracy")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert tab.first_names(2) != first
    assert _asked(tab)["q"] == ["train"]
    assert "sort" in _asked(tab)


def test_an_address_brings_a_view_back(site: Site, browser: Browser, tab: Tab) -> None:
    """In another browser, with what was looked for, ordered, picked and compared."""
    tab.open("/runs?q=train")
    _order_by(tab, "accuracy")
    for place in range(2):
        tab.page.get_by_role("rowheader").nth(place).get_by_role("checkbox").click()
    tab.page.get_by_role("button", name="Compare 2").click()
    names = tab.first_names(5)
    with tab_at(site.url, browser) as other:
        other.open(tab.place)
        assert other.first_names(5) == names
        expect(_filter(other)).to_have_value("train")
        expect(other.page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()
        assert other.wrong == []


def test_back_and_forward(tab: Tab) -> None:
    """Lead to the views that were left, as they were."""
    tab.open("/runs?q=still+run")
    tab.named("still running").get_by_role("link").click()
    expect(tab.page.get_by_role("heading", name="still running")).to_be_visible()
    tab.page.get_by_role("tab", name="Artifacts").click()
    tab.page.go_back()
    tab.settled()
    while "/runs/" in tab.place:  # whether a tab is a step of its own is the page's business
        tab.page.go_back()
    tab.settled()
    expect(_filter(tab)).to_have_value("still run")
    expect(tab.page.get_by_role("rowheader")).to_have_count(1)
    tab.page.go_forward()
    expect(tab.page.get_by_role("heading", name="still running")).to_be_visible()


def test_picked_runs_are_compared(tab: Tab) -> None:
    """Side by side, what differs first; the choice changes in place."""
    tab.open("/runs?q=train")
    tab.named("train 57").get_by_role("checkbox").click()
    tab.named("train 59").get_by_role("checkbox").click()
    tab.page.get_by_role("button", name="Compare").click()
    region = tab.page.get_by_role("region", name="Compare runs")
    expect(region).to_contain_text("train 59")
    expect(region).to_contain_text("rate")
    region.get_by_role("tab", name="Charts").click()
    expect(region.locator("canvas").first).to_be_visible(timeout=PATIENCE_MS)
    tab.named("train 58").get_by_role("checkbox").click()
    expect(tab.page.get_by_role("heading", name="Compare 3 runs")).to_be_visible()


def test_keys_alone_will_do(tab: Tab) -> None:
    """From the filter into the table, down it, picking a stretch, comparing, opening a run."""
    tab.open("/runs?q=train")
    expect(tab.page.get_by_role("rowheader").first).to_be_visible()
    _filter(tab).focus()
    for _ in range(20):
        if _grid(tab).evaluate("(grid) => document.activeElement === grid"):
            break
        tab.page.keyboard.press("Tab")
    expect(_grid(tab)).to_be_focused()
    tab.page.keyboard.press("ArrowDown")
    expect(_grid(tab)).to_have_attribute("aria-activedescendant", "cell-1-0")
    tab.page.keyboard.press(" ")
    tab.page.keyboard.press("Shift+ArrowDown")
    expect(tab.page.locator("[role=row][aria-selected=true]")).to_have_count(2)
    tab.page.keyboard.press("End")
    tab.page.keyboard.press("Control+End")
    expect(tab.named("train 0")).to_be_visible()
    tab.page.keyboard.press("Control+Home")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="train 59")).to_be_visible()


def test_what_is_logged_is_seen_at_once(site: Site, tab: Tab) -> None:
    """A run that another program begins is in the table a moment later, without a reload."""
    api = f"{site.url}/api/2.0/mlflow"
    made = httpx.post(f"{api}/experiments/create", json={"name": f"live {time.time_ns()}"}, timeout=20)
    experiment = made.raise_for_status().json()["experiment_id"]
    tab.open(f"/experiments/{experiment}")
    expect(tab.page.get_by_text("No run yet")).to_be_visible()
    expect(tab.page.locator(".top .right")).to_have_text("live")
    body = {"experiment_id": experiment, "run_name": "newcomer", "start_time": time.time_ns() // 1_000_000}
    run = httpx.post(f"{api}/runs/create", json=body, timeout=20).raise_for_status().json()["run"]["info"]
    expect(tab.named("newcomer")).to_be_visible(timeout=PATIENCE_MS)
    body = {
        "run_id": run["run_id"],
        "key": "loss",
        "value": 0.625,
        "timestamp": body["start_time"],
        "step": 1,
    }
    httpx.post(f"{api}/runs/log-metric", json=body, timeout=20).raise_for_status()
    expect(tab.page.get_by_role("gridcell", name="0.625")).to_be_visible(timeout=PATIENCE_MS)
