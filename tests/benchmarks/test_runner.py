"""Contenders take turns, data is made once, and every program of ours still runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.benchmark import Benchmark, Contender, Step
from benchmarks.catalogue import BENCHMARKS, pages
from benchmarks.environment import ROOT, Environments
from benchmarks.goal import Goal, Unit
from benchmarks.runner import Failed, Runner, medians
from mlflowflow.ids import digest
from mlflowflow.ui import STATIC


def quiet(_: str) -> None:
    """Say nothing."""


def skip_without_pages() -> None:
    """Skip a test that opens our pages where that cannot be done."""
    if shutil.which("chromium") is None:
        pytest.skip("Chromium is not installed; 'make test-browser' does it")
    if not (STATIC / "index.html").is_file():
        pytest.skip("the pages were not built")


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_our_programs_run_and_give_every_figure(benchmark: Benchmark, tmp_path: Path) -> None:
    """A trial of a benchmark, without peers, yields a number for each of its lines."""
    if benchmark in pages.BENCHMARKS:
        skip_without_pages()
    outcome = Runner(folder=tmp_path, small=True, peers=False, say=quiet).run(benchmark)
    assert [line.goal.what for line in outcome.lines] == [goal.what for goal in benchmark.goals]


def writing(
    *, folder: str = "{folder}", name: str = "ours", calls: int = 10, once: bool = False
) -> Contender:
    """A contender that is quick."""
    return Contender(
        name=name,
        measured=Step(program="bare_write", arguments={"folder": folder, "calls": calls}),
        once=once,
    )


def test_contenders_take_turns_in_turned_order(tmp_path: Path) -> None:
    """A slow minute of the machine falls on everybody, and nobody is always the first."""
    said: list[str] = []
    both = (writing(name="a"), writing(name="b", once=True), writing(name="c"))
    Runner(folder=tmp_path, say=said.append).run(
        Benchmark(name="it", contenders=both, goals=(), repetitions=2)
    )
    assert said == ["it: a, turn 1", "it: b, turn 1", "it: c, turn 1", "it: c, turn 2", "it: a, turn 2"]


def test_data_is_made_once_and_made_anew_when_something_else_is_asked(tmp_path: Path) -> None:
    """A search of many runs need not wait for their making twice, and never finds another size."""

    def made(count: int, *, afresh: bool = False) -> int:
        said: list[str] = []
        contender = Contender(
            name="ours",
            preparation=Step(program="bare_write", arguments={"folder": "{data}", "calls": count}),
            measured=Step(program="bare_write", arguments={"folder": "{folder}", "calls": 10}),
        )
        benchmark = Benchmark(name="it", contenders=(contender,), goals=(), repetitions=1)
        Runner(folder=tmp_path, afresh=afresh, say=said.append).run(benchmark)
        return len([line for line in said if "making" in line])

    assert [made(10), made(10), made(20), made(20, afresh=True)] == [1, 0, 1, 1]


def test_a_peer_is_watched_from_our_environment(tmp_path: Path) -> None:
    """The program runs in our interpreter, and is told where the peer's is: here it writes beside it."""
    python = Path(Environments(folder=tmp_path).python("mlflow"))
    stamp = tmp_path / "mlflow" / ".installed"  # so that nobody installs it
    stamp.parent.mkdir()
    stamp.write_text(digest((ROOT / "benchmarks" / "peers" / "mlflow.txt").read_bytes()))
    watching = Step(program="bare_write", arguments={"folder": "{python}.d", "calls": 10}, from_outside=True)
    peer = Contender(name="peer", environment="mlflow", measured=watching)
    Runner(folder=tmp_path, say=quiet).run(Benchmark(name="it", contenders=(peer,), goals=(), repetitions=1))
    assert not python.exists()
    assert [each.name for each in python.with_name("python.d").iterdir()] == ["bare"]


def test_a_program_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    """A benchmark that cannot run says which part of it, and why."""
    broken = Benchmark(name="it", contenders=(writing(calls=0),), goals=())
    with pytest.raises(
        Failed, match=r"'bare_write' of 'ours' ended with 1:\n(?s:.*)no median for empty data"
    ):
        Runner(folder=tmp_path, say=quiet).run(broken)


def test_contenders_that_find_different_things_are_not_compared(tmp_path: Path) -> None:
    """A faster search that finds something else is no faster search."""

    def searching(name: str, count: int) -> Contender:
        return Contender(
            name=name,
            preparation=Step(program="ours_fill_runs", arguments={"folder": "{data}", "count": count}),
            measured=Step(program="ours_search", arguments={"data": "{data}", "searches": 1, "colds": 1}),
        )

    unequal = Benchmark(
        name="it",
        contenders=(searching("ours", 20), searching("theirs", 40)),
        goals=(Goal(what="it", figure="warm_ms", unit=Unit.MILLISECONDS, peer="theirs"),),
        repetitions=1,
    )
    with pytest.raises(Failed, match="do not find the same"):
        Runner(folder=tmp_path, say=quiet).run(unequal)


def test_counts_of_several_things_are_added_up() -> None:
    """The requests of a call are all its requests, whatever their kind."""
    assert medians([{"start_run": {"put": 2, "list": 1}}]) == {"start_run": 3}
