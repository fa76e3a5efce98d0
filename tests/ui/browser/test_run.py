"""What people do with one run: read its files, go through its parts by keys, and follow where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.ui.browser.browsing import tab_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


def test_a_table_in_parquet_is_shown_too(site: Site, tab: Tab) -> None:
    """With how many rows it has."""
    _files(site, tab, "tables", "rows.parquet")
    expect(tab.page.get_by_text("2 rows, 2 columns")).to_be_visible()
    expect(tab.page.get_by_role("cell", name="two")).to_be_visible()


def test_a_table_in_json_can_be_read_as_text(site: Site, tab: Tab) -> None:
    """As the library logs tables; other JSON is written out."""
    _files(site, tab, "tables", "answers.json")
    expect(tab.page.get_by_role("cell", name="four")).to_be_visible()
    tab.page.get_by_role("button", name="As text").click()
    expect(tab.page.locator("pre.file-text")).to_contain_text('"columns"')


@pytest.mark.parametrize(
    ("name", "words"), [("config.json", '"deep": {\n    "a": true'), ("notes.md", "# Digits")]
)
def test_text_is_shown_as_it_is(browser: Browser, site: Site, name: str, words: str) -> None:
    """JSON that holds no table is written out; that the server cannot make a table of it is no accident."""
    with tab_at(site.url, browser) as tab:
        _files(site, tab, name)
        expect(tab.page.locator("pre.file-text")).to_contain_text(words)
        assert [each for each in tab.wrong if "400" not in each] == []


def test_what_cannot_be_shown_can_be_downloaded(site: Site, tab: Tab) -> None:
    """As everything else can be: the very bytes, under the name of the file."""
    _files(site, tab, "weights.bin")
    expect(tab.page.get_by_text("Files of this kind are not shown")).to_be_visible()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "weights.bin"
    assert waiting.value.path().read_bytes() == b"\x00\x01"


def test_images_are_gone_through_by_step(site: Site, tab: Tab) -> None:
    """By buttons, by the slider and by arrow keys; the address keeps the step."""
    _files(site, tab, "images", "Images by step")
    images = tab.page.get_by_role("region", name="Images by step")
    expect(images.get_by_role("img", name="input at step 2")).to_be_visible()
    images.get_by_role("button", name="Earlier").click()
    expect(images.get_by_role("img", name="input at step 1")).to_be_visible()
    images.get_by_role("button", name="Earlier").focus()
    tab.page.keyboard.press("ArrowLeft")
    expect(images.get_by_role("img", name="input at step 0")).to_be_visible()
    assert "at=0" in tab.place
    images.get_by_role("slider").press("End")
    expect(images.get_by_role("img", name="input at step 2")).to_be_visible()


def test_the_output_of_every_attempt_is_there(site: Site, tab: Tab) -> None:
    """The last one at first."""
    tab.open(f"/runs/{site.demo.run}?tab=logs")
    expect(tab.page.locator("pre.file-text")).to_have_text("attempt 2 began\n")
    tab.page.get_by_role("button", name="attempt-1.txt").click()
    expect(tab.page.locator("pre.file-text")).to_have_text("attempt 1 began\n")


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


def test_lineage_leads_from_a_run_to_what_it_made_and_back(site: Site, tab: Tab) -> None:
    """To the version that came from it, whose own lineage leads to the run."""
    tab.open(f"/runs/{site.demo.run}?tab=lineage")
    expect(tab.page.get_by_role("button", name="abc123")).to_be_visible()
    tab.page.get_by_role("link", name="digits version 1").click()
    expect(tab.page.get_by_role("heading", name="Version 1")).to_be_visible()
    way = tab.page.get_by_role("list", name="Lineage")
    expect(way).to_contain_text("abc123")
    way.get_by_role("link", name="train 0").click()
    expect(tab.page.get_by_role("heading", name="train 0")).to_be_visible()


def test_lineage_leads_up_and_down(site: Site, tab: Tab) -> None:
    """From a flow's run to its steps, and from a step to the run that it is a part of."""
    tab.open(f"/runs/{site.demo.flow}?tab=lineage")
    tab.page.get_by_role("main").get_by_role("link", name="ingest").click()
    expect(tab.page.get_by_role("heading", name="ingest")).to_be_visible()
    tab.page.get_by_role("tab", name="Lineage").click()
    part_of = tab.page.get_by_role("listitem").filter(has_text="part of")
    part_of.get_by_role("link").click()
    expect(tab.page.get_by_role("heading", name="nightly")).to_be_visible()


def test_a_curve_is_looked_at_closer(site: Site, tab: Tab) -> None:
    """It can be read as a table."""
    tab.open(f"/runs/{site.demo.run}?tab=charts")
    chart = tab.page.get_by_role("region", name="train/loss")
    expect(chart.locator("canvas").first).to_be_visible()
    chart.get_by_role("button", name="table").click()
    expect(chart.locator("table tbody tr").first).to_be_visible()
