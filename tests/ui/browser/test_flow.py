"""What people do with flows: look for one, see what came of each step, go on from there, and run it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.server.serving import served
from tests.ui.browser.browsing import tab_at

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

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


def test_nothing_can_be_run_unless_somebody_said_so(tab: Tab) -> None:
    """When the server was started."""
    tab.open("/flows")
    expect(tab.page.get_by_role("searchbox", name="Find flows")).to_be_visible()
    expect(tab.page.get_by_role("button", name="Run a plan")).to_have_count(0)


#: A flow of its own has a Prefect server and a cluster to start.
_BEGUN_MS: Final = 180_000
_PROJECT: Final = """
name: greeting
entry_points:
  greet: {parameters: {word: {type: string, default: hello}, times: {type: int}}, command: "echo {word} {times}"}
"""


@pytest.mark.timeout(400)
def test_a_plan_is_run_from_its_form(tmp_path: Path, browser: Browser) -> None:
    """What is typed is in the command beside the button; then it runs, and its page leads back to the form."""
    folder = tmp_path / "greeting"
    folder.mkdir()
    (folder / "MLproject").write_text(_PROJECT)
    with (
        served(tmp_path / "store", "--no-browser", "--project", str(folder), command="ui") as server,
        tab_at(server.url, browser) as tab,
    ):
        tab.open("/flows")
        tab.page.get_by_role("button", name="Run a plan").click()
        form = tab.page.get_by_role("form", name="Run a plan")
        form.get_by_label("word").fill("good morning")
        form.get_by_role("button", name="Start").click()
        expect(form.get_by_label("times")).to_have_js_property("validity.valid", value=False)
        form.get_by_label("times").fill("2")
        command = f"mlff run {folder} -e greet -P 'word=good morning' -P times=2"
        expect(form.get_by_role("button", name="mlff run")).to_have_text(command)
        form.get_by_role("button", name="Start").click()
        expect(form.get_by_role("status")).to_contain_text("was started")
        tab.page.get_by_role("rowheader").get_by_role("link").click(timeout=_BEGUN_MS)
        expect(tab.page.locator(".head").get_by_text("finished")).to_be_visible(timeout=_BEGUN_MS)
        tab.page.get_by_role("link", name="Change and start it").click()
        expect(form.get_by_label("word")).to_have_value("good morning")
        expect(form.get_by_label("times")).to_have_value("2")
        assert tab.wrong == []
