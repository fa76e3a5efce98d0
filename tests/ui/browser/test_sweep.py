"""What people do with a sweep: keep a part of its trials, order them, look closer, and ask something of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.requests import Extend, Requests, Stop
from mlflowflow.tracking.tracker import Tracker
from tests.sweeps.stories import Story
from tests.ui.browser.browsing import PATIENCE_MS

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Locator

    from mlflowflow.sweeps.requests import Request
    from tests.ui.browser.browsing import Tab
    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
#: Who the requests of pages are said to come from.
_PAGE = "a page"
#: What stands where there is no value.
_NOTHING = "\N{EN DASH}"
_PLOTS = (
    "Best loss so far",
    "What mattered",
    "All side by side, coloured by loss",
    "Any two",
    "loss over",
    "How loss is spread",
    "loss while running",
    "loss by each dimension",
    "When trials ran, by worker",
)


def _open(site: Site, tab: Tab, *, query: str = "") -> None:
    tab.open(f"/sweeps/{site.demo.sweep}{query}")
    expect(tab.page.get_by_role("region", name="loss while running")).to_be_visible(timeout=PATIENCE_MS)


def _plot(tab: Tab, title: str) -> Locator:
    return tab.page.get_by_role("region", name=title, exact=True)


def _trials(tab: Tab) -> Locator:
    return _plot(tab, "Trials").locator("tbody tr")


def _column(tab: Tab, place: int) -> list[str]:
    return [each.strip() for each in _trials(tab).locator(f"td:nth-child({place})").all_inner_texts()]


# ---- trials ------------------------------------------------------------------------------------------------


def test_trials_are_ordered_by_any_column(site: Site, tab: Tab) -> None:
    """The best first; by a head, and again the other way; what has no value comes last in both."""
    _open(site, tab)
    assert _column(tab, 1)[:3] == ["1", "2", "3"]
    head = _plot(tab, "Trials").get_by_role("columnheader").filter(has_text="C")
    for order, sign in (("ascending", 1), ("descending", -1)):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", order)
        values = [sign * float(each) for each in _column(tab, 4)]
        assert values == sorted(values)
    loss = _plot(tab, "Trials").get_by_role("columnheader").filter(has_text="loss")
    for _ in range(2):
        loss.get_by_role("button").click()
        assert _column(tab, 6)[-1] == _NOTHING
    assert "sort=-metrics.loss" in tab.place


def test_a_trial_is_a_run(site: Site, tab: Tab) -> None:
    """Its number leads there, in the table and where the best one is told; the run says where it belongs."""
    tab.open(f"/flows/{site.demo.flow}")
    tab.page.get_by_role("link", name="sweep tune").click()
    expect(tab.page.get_by_role("region", name="Best trial").get_by_role("link")).to_have_text("trial 2")
    _trials(tab).first.get_by_role("link", name="2").click()
    expect(tab.page.get_by_role("heading", name="tune/2")).to_be_visible()
    expect(tab.page.get_by_role("link", name="tune", exact=True)).to_be_visible()


def test_the_best_few_are_kept(site: Site, tab: Tab) -> None:
    """By plots and table alike; the address keeps it, and all can be had again."""
    _open(site, tab)
    everything = _trials(tab).count()
    slider = tab.page.get_by_role("slider", name="Best")
    slider.focus()
    slider.press("Home")
    slider.press("ArrowRight")
    expect(_trials(tab)).to_have_count(2)
    expect(tab.page.get_by_text("2 trials kept")).to_be_visible()
    assert "top=2" in tab.place
    tab.page.get_by_role("button", name="Keep all").click()
    expect(_trials(tab)).to_have_count(everything)


def test_a_box_keeps_what_is_in_it(site: Site, tab: Tab) -> None:
    """Drawn with the mouse; the address brings it back, and its mark lets go of it."""
    _open(site, tab)
    plot = _plot(tab, "Any two").locator(".sw-plane")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    # the upper half is one of the two models
    tab.page.mouse.move(box["x"] + 70, box["y"] + 20)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2, steps=4)
    tab.page.mouse.up()
    expect(tab.page.get_by_text("model: tree")).to_be_visible()
    assert set(_column(tab, 5)) == {"tree"}
    tab.open(tab.place)
    expect(tab.page.get_by_text("model: tree")).to_be_visible()
    for name in ("Mean all of model", "Mean all of C"):
        tab.page.get_by_role("button", name=name).click()
    assert set(_column(tab, 5)) == {"tree", "kernel"}


# ---- plots -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", _PLOTS)
def test_every_plot_is_a_table_too(site: Site, tab: Tab, title: str) -> None:
    """With as many rows as there is something to tell, and the plot can be had back."""
    _open(site, tab)
    plot = _plot(tab, title)
    switch = plot.get_by_role("button", name="table")
    switch.click()
    expect(plot.locator("table tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
    switch.click()
    expect(plot.get_by_role("button", name="table")).to_have_attribute("aria-pressed", "false")
    expect(plot.locator("canvas, svg, .sw-shares").first).to_be_visible()


def test_axes_are_chosen(site: Site, tab: Tab) -> None:
    """Of any two, and of the surface; the address keeps them."""
    _open(site, tab)
    plot = _plot(tab, "Any two")
    plot.get_by_label("Axis below").select_option(label="trial")
    plot.get_by_label("Axis at the left").select_option(label="loss")
    expect(plot.get_by_role("img", name="loss over trial")).to_be_visible()
    surface = _plot(tab, "loss over")
    surface.get_by_label("Dimension at the left").select_option(label="C")
    surface.get_by_label("Dimension below").select_option(label="model")
    for part in ("x=trial", "y=metrics.loss", "cx=params.model", "cy=params.C"):
        assert part in tab.place
    expect(surface.locator("canvas").first).to_be_visible()


def test_an_axis_becomes_logarithmic(site: Site, tab: Tab) -> None:
    """In every plot that shows it."""
    _open(site, tab)
    for plot in ("Best loss so far", "loss by each dimension"):
        button = _plot(tab, plot).get_by_role("button", name="log").first
        expect(button).to_have_attribute("aria-pressed", "false" if plot.startswith("Best") else "true")
        if plot.startswith("Best"):
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
    assert "flip=metrics.loss" in tab.place


def test_a_trial_that_is_pointed_at_is_lit_and_told(site: Site, tab: Tab) -> None:
    """Everywhere: in the table it is the row that the mouse is over."""
    _open(site, tab)
    _trials(tab).first.hover()
    reading = _plot(tab, "Best loss so far").locator(".chart-reading")
    expect(reading).to_contain_text("trial 4 · complete")
    expect(_plot(tab, "Best loss so far").locator("svg .lit").last).to_be_visible()


def test_what_mattered_is_told_for_each_objective(site: Site, tab: Tab) -> None:
    """Of a sweep with two of them, and with a front instead of one best trial."""
    tab.open(f"/sweeps/{site.demo.front}")
    expect(_plot(tab, "Pareto front")).to_be_visible()
    mattered = _plot(tab, "What mattered")
    expect(mattered.get_by_text("PED-ANOVA")).to_be_visible(timeout=PATIENCE_MS)
    mattered.get_by_label("For which objective").select_option("size")
    assert "for=size" in tab.place
    expect(mattered.locator(".sw-share").first).to_be_visible()


def test_attempts_stand_in_the_lanes_of_their_workers(site: Site, tab: Tab) -> None:
    """By name, and each row of the table has the whole address."""
    _open(site, tab)
    lanes = _plot(tab, "When trials ran, by worker")
    assert [text for text in lanes.locator("svg text").all_text_contents() if text.startswith("10.")] == [
        "10.0.0.1",
        "10.0.0.2",
    ]
    lanes.get_by_role("button", name="table").click()
    expect(lanes.get_by_role("cell", name="tcp://10.0.0.2:40213").first).to_be_visible()


# ---- what is asked of it -----------------------------------------------------------------------------------


@contextmanager
def _running(site: Site, tab: Tab) -> Generator[Requests]:
    """Open the page of a sweep of its own, which this process seems to coordinate, and give what is asked of it."""
    store = open_store(str(site.demo.store))
    ids, clock = RandomIds(), SystemClock()
    with Tracker(store, user="ann") as tracker:
        run_id = tracker.create_run(
            site.demo.experiment, run_name="tune", tags={"mlff.sweep": "tune"}
        ).info.run_id
        tracker.flush()
        story = Story(run_id=run_id)
        story.complete(0.5)
        story.start()
        story.write(store)
        with Hold(store, run_id, token="t", clock=clock, ids=ids):
            tab.open(f"/sweeps/{run_id}")
            yield Requests(store, run_id)
        tracker.end_run(run_id)
        tracker.delete_run(run_id)


def _asked(tab: Tab, requests: Requests) -> list[Request]:
    expect(tab.page.get_by_role("status").filter(has_text="It")).to_be_visible(timeout=PATIENCE_MS)
    return requests.after(0)


@pytest.mark.parametrize(("deed", "now"), [("Finish the running trials", False), ("End them now", True)])
def test_a_sweep_is_stopped(site: Site, tab: Tab, deed: str, *, now: bool) -> None:
    """When the trials that run have ended, or at once; whoever coordinates it finds the request."""
    with _running(site, tab) as requests:
        tab.page.get_by_role("button", name="Stop").click()
        dialog = tab.page.get_by_role("dialog", name="Stop the sweep")
        dialog.get_by_role("button", name=deed).click()
        expect(dialog).to_have_count(0)
        assert _asked(tab, requests) == [Stop(now=now, by=_PAGE)]


def test_a_sweep_is_given_more(site: Site, tab: Tab) -> None:
    """No less than it has; Escape closes the dialog, and nothing is asked."""
    with _running(site, tab) as requests:
        tab.page.get_by_role("button", name="Extend").click()
        dialog = tab.page.get_by_role("dialog", name="Give a larger budget")
        expect(dialog.get_by_role("button", name="Give it more")).to_be_disabled()
        tab.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        assert requests.after(0) == []
        tab.page.get_by_role("button", name="Extend").click()
        dialog.get_by_label("Trials in all").fill("30")
        dialog.get_by_role("button", name="Give it more").click()
        assert _asked(tab, requests) == [Extend(trials=30, by=_PAGE)]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("Resume", "mlff sweep resume {sweep}"),
        ("Register the best", "mlff models register runs:/{best}/model"),
    ],
)
def test_what_a_page_does_not_do_a_command_does(site: Site, tab: Tab, words: str, command: str) -> None:
    """Where the project and the store are at hand; it can be copied."""
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _open(site, tab)
    best = (_trials(tab).first.get_by_role("link").get_attribute("href") or "").removeprefix("/runs/")
    tab.page.get_by_role("button", name=words).click()
    dialog = tab.page.get_by_role("dialog", name=words)
    dialog.get_by_role("button").click()
    expect(dialog.get_by_text("copied")).to_be_visible()
    copied: str = tab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(command.format(sweep=site.demo.sweep, best=best))
