"""One page about a sweep."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from mlflowflow.projects.sweep_spec import Constraint
from mlflowflow.sweeps.entry import Ending
from mlflowflow.sweeps.plots import pictures_of
from mlflowflow.sweeps.plots.page import page_of
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.plots.sweeps import SWEEPS, complete, conditional, named, several, spec_of
from tests.sweeps.stories import Story

_VOID = {"meta", "br"}


class _Reader(HTMLParser):
    """Reads a page as a browser would that forgives nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        if found.get("id"):
            self.names.append(str(found["id"]))
        if tag == "a":
            self.links.append(str(found.get("href")))
        if tag not in _VOID:
            self.open.append(tag)
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"td", "th"}:
            self.cells[-1] += data


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_a_page_is_whole_and_every_name_is_given_once() -> None:
    """Whatever is in the names of the sweep, and whichever pictures are on it."""
    for name in ("strange names", "no trial", "every state"):
        history = SWEEPS[name]()
        reader = _read(page_of(history, pictures_of(history)))
        assert len(reader.names) == len(set(reader.names))
        assert {link.removeprefix("#") for link in reader.links} <= set(reader.names)
        assert reader.tags.count("figure") == len(reader.links)


def test_a_page_needs_nothing_else() -> None:
    """No script, no file, no network; its own policy forbids them."""
    history = conditional(20)
    text = page_of(history, pictures_of(history, ["history", "contour", "timeline"]))
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not re.search(r"@import|url\((?!#)|<link|<img|<iframe", text)
    assert set(re.findall(r"https?://[^\"' <]+", text)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_a_page_is_light_or_dark() -> None:
    """It says so, for itself and for its pictures, in one sheet."""
    history = complete(1.0, 2.0)
    text = page_of(history, pictures_of(history))
    assert text.count("<style>") == 1
    assert "@media (prefers-color-scheme:dark){:root{" in text
    assert ".f-ink{fill:#e6eaee}" in text


def test_the_same_sweep_is_the_same_page() -> None:
    """Nothing in it is of the day it was made."""
    pages = {page_of(each, pictures_of(each, ["edf"])) for each in (complete(1.0), complete(1.0))}
    assert len(pages) == 1


def test_what_the_sweep_was_is_in_a_table() -> None:
    """Its goal, its limits, how many trials came to what, and how long that took."""
    spec = replace(spec_of(), constraints=(Constraint(metric="size", min=1.0, max=20.0),))
    story = Story(spec)
    story.complete(0.5, params={"x": 1.0, "y": 2.0})
    story.fail("no")
    story.close(Ending.TRIALS, "both trials were tried")
    cells = _read(page_of(story.history, [])).cells
    facts = dict(zip(cells[:22:2], cells[1:22:2], strict=True))
    assert facts["objective"] == "minimize loss"
    assert facts["constraint"] == "size at least 1 and at most 20"
    assert facts["trials"] == "1 complete, 1 failed"
    assert facts["workers busy for"] == "4s"
    assert facts["began"].endswith("Z")
    assert "It ended: both trials were tried." in page_of(story.history, [])


def test_the_best_trials_are_listed_best_first() -> None:
    """Ten at most, with their values, parameters and runs."""
    history = complete(*[float(20 - at) for at in range(20)])
    text = page_of(history, [])
    assert "The best trials, 10 of 20" in text
    cells = _read(text).cells
    rows = cells[cells.index("trial") :]
    assert rows[:5] == ["trial", "loss", "x", "y", "run"]
    assert rows[5:10] == ["19", "1", "19", "11", history.trials[19].run_id]
    assert rows[10:12] == ["18", "2"]


def test_of_several_objectives_the_front_is_listed() -> None:
    """There is no best of all; trials outside a constraint are not in it."""
    history = several(30, 2)
    text = page_of(history, [])
    assert "Trials that no other beats in every objective" in text
    runs = {trial.run_id for trial in history.front}
    listed = {cell for cell in _read(text).cells if re.fullmatch("[0-9a-f]{32}", cell)} - {history.run_id}
    assert listed <= runs
    assert len(listed) == min(10, len(runs))


def test_a_sweep_without_a_complete_trial_lists_none() -> None:
    """And says that it has not ended."""
    history = SWEEPS["nothing finished"]()
    assert history.count(TrialState.COMPLETE) == 0
    text = page_of(history, pictures_of(history))
    assert "The best trials" not in text
    assert "It has not ended." in text


def test_names_are_text_on_the_page() -> None:
    """Nobody's parameter becomes mark-up."""
    history = named("<script>alert(1)</script>", dimensions=2, count=9)
    assert "<script" not in page_of(history, pictures_of(history))
