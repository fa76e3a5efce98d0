"""What people do with the table of runs as a whole: its columns, groups and views, what is copied and taken along."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.ui.browser.browsing import PATIENCE_MS

if TYPE_CHECKING:
    from tests.ui.browser.browsing import Tab
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def _picked(site: Site) -> str:
    return f"/runs?{'&'.join(f'pick={each}' for each in site.demo.curved)}&compare=1"


def test_columns_are_chosen(tab: Tab) -> None:
    """By name, one by one; the table has them at once, and the usual ones come back."""
    tab.open("/runs?q=train")
    tab.page.get_by_role("button", name="Columns").click()
    picker = tab.page.get_by_role("dialog", name="Columns")
    picker.get_by_role("searchbox").fill("team")
    picker.get_by_label("team").check()
    expect(tab.page.get_by_role("columnheader").filter(has_text="team")).to_be_visible()
    picker.get_by_label("team").uncheck()
    expect(tab.page.get_by_role("columnheader").filter(has_text="team")).to_have_count(0)
    picker.get_by_role("button", name="Usual columns").click()
    expect(tab.page.get_by_role("columnheader").filter(has_text="accuracy")).to_be_visible()


def test_runs_are_grouped(tab: Tab) -> None:
    """By any column; a group says how many it has, and unfolds."""
    tab.open("/runs?q=train")
    tab.page.get_by_label("Group by").select_option("params.optimizer")
    heads = tab.page.get_by_role("rowheader")
    expect(heads.filter(has_text="adam").first).to_be_visible()
    expect(heads.filter(has_text="sgd").first).to_be_visible()
    assert "group=params.optimizer" in tab.place
    expect(tab.named("train")).to_have_count(0)
    tab.page.locator("button.grid-fold[aria-expanded=false]").first.click()
    expect(tab.named("train").first).to_be_visible()


def test_what_is_shown_is_taken_along(tab: Tab) -> None:
    """As CSV, with all digits, in the order of the table."""
    tab.open("/runs?q=train+5")
    names = tab.first_names(3)
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text())))
    assert rows[0][:2] == ["run_id", "Run"]
    assert [row[1] for row in rows[1:4]] == names


def test_a_view_is_copied_as_python(tab: Tab) -> None:
    """The call that gives the same runs."""
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open("/runs?q=attributes.status+%3D+'FAILED'")
    tab.page.get_by_role("button", name="Copy as Python").click()
    expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = tab.page.evaluate("() => navigator.clipboard.readText()")
    assert "mlflowflow.search_runs(" in copied
    assert "filter_string=\"attributes.status = 'FAILED'\"" in copied


def test_a_view_is_kept_under_a_name(tab: Tab) -> None:
    """In this browser: it can be had again, and forgotten."""
    tab.open("/runs?q=train+5")
    tab.page.get_by_role("button", name="Views").click()
    views = tab.page.get_by_role("dialog", name="Saved views")
    views.get_by_label("Name of this view").fill("fives")
    views.get_by_role("button", name="Save").click()
    tab.open("/runs")
    tab.page.get_by_role("button", name="Views").click()
    views.get_by_role("button", name="fives", exact=True).click()
    expect(tab.page.get_by_role("combobox", name="Filter runs")).to_have_value("train 5")
    tab.page.get_by_role("button", name="Views").click()
    views.get_by_role("button", name="Forget fives").click()
    expect(views.get_by_role("button", name="fives", exact=True)).to_have_count(0)


def test_deleted_runs_are_seen_where_they_are_asked_for(tab: Tab) -> None:
    """There is none."""
    tab.open("/runs")
    tab.page.get_by_label("Which runs").select_option("deleted")
    expect(tab.page.get_by_role("rowheader")).to_have_count(0)
    assert "stage=deleted" in tab.place


def test_compared_runs_are_seen_beside_a_base(site: Site, tab: Tab) -> None:
    """With how much they differ from it; what is the same in all can be had as well."""
    tab.open(_picked(site))
    region = tab.page.get_by_role("region", name="Compare runs")
    rows = region.locator("tbody tr")
    some = rows.count()
    region.get_by_label("Also what is the same in all").check()
    assert rows.count() >= some
    region.get_by_role("button", name="as base").first.click()
    expect(region.locator(".compare-off").first).to_be_visible()
    region.get_by_role("button", name="no longer").first.click()
    expect(tab.page.get_by_role("heading", name="Compare 5 runs")).to_be_visible()


@pytest.mark.parametrize("kind", ["Parallel axes", "Scatter", "Boxes", "Contour"])
def test_compared_runs_are_drawn(site: Site, tab: Tab, kind: str) -> None:
    """In the plane, along axes, in groups, and as a surface; each is an address."""
    tab.open(_picked(site))
    region = tab.page.get_by_role("region", name="Compare runs")
    region.get_by_role("tab", name="Charts").click()
    region.get_by_role("button", name=kind).click()
    expect(region.locator("svg, canvas").first).to_be_visible(timeout=PATIENCE_MS)
    region.get_by_text("Show as table").click()
    expect(region.get_by_role("table").get_by_role("row").nth(6)).to_be_visible()
    tab.open(tab.place)
    expect(region.get_by_role("button", name=kind)).to_have_attribute("aria-pressed", "true")
