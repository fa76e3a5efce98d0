"""What notebooks show."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from mlflowflow.tracking.goals import Goal
from mlflowflow.tracking.run import Experiment, Run, RunData, RunInfo, RunStatus
from mlflowflow.tracking.views.comparison import compare
from mlflowflow.tracking.views.notebook import comparison_html, experiment_html, run_html

_NASTY = "<script>alert('1')</script>&\""


class _Reader(HTMLParser):
    """Collect the tags that open and close, and the text between."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - theirs
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [], "every element is closed"
    return reader


def _run(**metrics: float) -> Run:
    info = RunInfo(
        run_id="r1",
        experiment_id="0",
        run_name=_NASTY,
        user_id="ada",
        status=RunStatus.FINISHED,
        start_time=1_700_000_000_000,
    )
    data = RunData(metrics=metrics, params={"lr": "0.1"}, tags={"note": _NASTY, "mlflow.user": "system"})
    return Run(info=info, data=data)


_EXPERIMENT = Experiment(
    experiment_id="7",
    name=_NASTY,
    artifact_location="s3://bucket/artifacts/7",
    creation_time=1_700_000_000_000,
    last_update_time=0,
    tags={"team": _NASTY},
)


@pytest.mark.parametrize(
    "html",
    [
        run_html(_run(loss=0.5)),
        experiment_html(_EXPERIMENT),
        comparison_html(compare([_run(loss=0.5), _run(loss=1)])),
    ],
    ids=["run", "experiment", "comparison"],
)
def test_foreign_text_is_text(html: str) -> None:
    """A name cannot run in the notebook of whoever looks at it."""
    read = _read(html)
    assert "script" not in read.tags
    assert _NASTY in read.text


def test_a_run_shows_what_it_logged_and_no_system_tags() -> None:
    """Times are in words."""
    text = _read(run_html(_run(loss=0.123456789))).text
    for said in ("FINISHED", "2023-11-14T22:13:20Z", "lr", "0.1", "loss", "0.123457"):
        assert said in text
    assert "system" not in text


def test_a_thousand_metrics_do_not_flood_a_notebook() -> None:
    """It says how many are not shown."""
    html = run_html(_run(**{f"m{number:04}": 1.0 for number in range(1000)}))
    assert html.count("m0") <= 200
    assert "and 800 metrics more" in html


def test_the_best_metric_is_bold_and_agreement_is_said() -> None:
    """Only numbers with a goal can be the best."""
    runs = [_run(loss=0.5), _run(loss=1.0)]
    assert "<strong>0.5</strong>" in comparison_html(compare(runs, goals={"loss": Goal.MINIMIZE}))
    assert "agree in everything" in comparison_html(compare(runs[:1]).differing())


def test_a_notebook_asks_the_things_themselves() -> None:
    """Whoever puts a run on the last line of a cell sees it."""
    run = _run(loss=0.5)
    assert run._repr_html_() == run_html(run)
    assert _EXPERIMENT._repr_html_() == experiment_html(_EXPERIMENT)
    pair = compare([run, _run(loss=1.0)])
    assert pair._repr_html_() == comparison_html(pair.differing())
