"""What people do with models: see who held what when, what gates found, what differs, and who decided."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.ui.browser.browsing import Tab
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_a_model_is_found(tab: Tab) -> None:
    """By its name or description."""
    tab.open("/models")
    tab.page.get_by_role("searchbox", name="Find models").fill("handwritten")
    rows = tab.page.locator("main tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="digits").first.click()
    expect(tab.page.get_by_role("heading", name="digits")).to_be_visible()


def test_a_moment_is_pointed_at(site: Site, tab: Tab) -> None:
    """What was held then is said, with the address under which it can be loaded."""
    tab.open(f"/models/{site.demo.model}")
    expect(tab.page.get_by_text("Point at a moment")).to_be_visible()
    track = tab.page.locator(".lane .track").first
    box = track.bounding_box()
    assert box is not None
    tab.page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    expect(tab.page.locator("p.then")).to_contain_text("champion was version 2")
    expect(tab.page.locator("p.then")).to_contain_text("models:/digits@champion?at=")


def test_what_holds_a_place_leads_to_its_version(site: Site, tab: Tab) -> None:
    """By its bar in the line of time."""
    tab.open(f"/models/{site.demo.model}")
    tab.page.locator(".timeline a.held").last.click()
    expect(tab.page.get_by_role("heading", name="Version 2")).to_be_visible()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("Gates", "quality"),
        ("Metrics and parameters", "optimizer"),
        ("Signature and files", "without a signature"),
        ("Decisions", "it passed"),
    ],
)
def test_a_version_in_its_parts(site: Site, tab: Tab, part: str, words: str) -> None:
    """Each is an address."""
    tab.open(f"/models/{site.demo.model}/2")
    tab.page.get_by_role("tab", name=part).click()
    expect(tab.page.get_by_role("tabpanel")).to_contain_text(words)
    tab.open(tab.place)
    expect(tab.page.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")


def test_two_versions_are_compared(site: Site, tab: Tab) -> None:
    """With the champion at first, then with any other."""
    tab.open(f"/models/{site.demo.model}/1?tab=differences")
    panel = tab.page.get_by_role("tabpanel")
    expect(panel.get_by_role("columnheader", name="Version 2")).to_be_visible()
    panel.get_by_label("Compare with version").fill("3")
    panel.get_by_label("Compare with version").press("Enter")
    expect(panel.get_by_role("columnheader", name="Version 3")).to_be_visible()
    expect(panel.locator("tbody tr").filter(has_text="accuracy")).to_be_visible()


def test_a_decision_has_an_address_of_its_own(site: Site, tab: Tab) -> None:
    """Among all others, which can be had again."""
    tab.open(f"/models/{site.demo.model}")
    row = tab.page.locator("table.decisions tbody tr").filter(has_text="it passed")
    row.get_by_role("link").first.click()
    expect(tab.page.get_by_role("heading", name="Audit")).to_be_visible()
    rows = tab.page.locator("table.decisions tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("it passed")
    tab.page.get_by_role("button", name="Only no.").click()
    expect(rows.nth(1)).to_be_visible()


def _choice(tab: Tab, words: str) -> Locator:
    """Return what is chosen from, whose own words are a part of its label's."""
    return tab.page.locator("label").filter(has_text=words).locator("select").first


def test_the_audit_is_narrowed_and_taken_along(tab: Tab) -> None:
    """By model, by kind and by words; what is shown is what the file holds."""
    tab.open("/audit")
    _choice(tab, "Model").select_option("ratings")
    rows = tab.page.locator("table.decisions tbody tr")
    expect(rows.filter(has_text="digits")).to_have_count(0)
    _choice(tab, "Model").select_option("")
    _choice(tab, "Kind").select_option("alias.rolled-back")
    expect(rows).to_have_count(1)
    _choice(tab, "Kind").select_option("")
    tab.page.get_by_role("searchbox", name="Find decisions").fill("it was not")
    expect(rows).to_have_count(1)
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Download CSV").click()
    (row,) = csv.DictReader(io.StringIO(waiting.value.path().read_text()))
    assert (row["model"], row["kind"], row["why"]) == ("digits", "alias.rolled-back", "it was not")


def test_the_logs_are_told_to_be_intact(tab: Tab) -> None:
    """With the digest of the last entry of each."""
    tab.open("/audit")
    tab.page.get_by_text("intact").click()
    expect(tab.page.locator("details.intact tbody tr").filter(has_text="digits")).to_be_visible()
