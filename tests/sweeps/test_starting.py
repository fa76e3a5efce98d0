"""A sweep starts from values, runs, champions and other sweeps, with what of them fits its space."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.entry import Opened
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.starting import resolve_start
from mlflowflow.tracking.tracker import Tracker
from tests.sweeps.examples import RUN_ID, sweep_of, tried

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.entry import Entry

SPACE = (
    Choice(name="model", options=("svc", "forest")),
    FloatRange(name="C", low=0.1, high=100.0, log=True, when={"model": "svc"}),
    IntRange(name="depth", low=2, high=16, when={"model": "forest"}),
)


@pytest.fixture
def tracker() -> Generator[Tracker]:
    """Give a tracker over an empty store."""
    with Tracker(MemoryBlobStore()) as tracker:
        yield tracker


@pytest.fixture
def catalog(tracker: Tracker) -> Catalog:
    """Give the registry of the same store."""
    return Catalog(tracker.store)


def sweep(*start: str | Mapping[str, str | float]) -> SweepSpec:
    """Return a sweep over `SPACE` that starts there."""
    return sweep_of(space=SPACE, start_from=start)


def run_with(tracker: Tracker, **params: str) -> str:
    """Return the id of a run that was given `params`."""
    run_id = tracker.create_run("0").info.run_id
    tracker.log_batch(run_id, params=params)
    return run_id


def begin_sweep(tracker: Tracker, *entries: Entry, spec: SweepSpec, params: Mapping[str, str]) -> str:
    """Write the log of a sweep and return its run id."""
    log = SweepLog(tracker.store, RUN_ID)
    begun = Opened(sweep=spec, seed=7, params=params)
    log.append([begun, *entries], clock=ManualClock(), token="t", elapsed_s=1.0)
    return RUN_ID


def test_values_come_first_and_typed(tracker: Tracker, catalog: Catalog) -> None:
    """Values are taken as they are, in their order; what they do not decide is open."""
    spec = sweep({"model": "forest", "depth": 4}, {"C": 1})
    assert resolve_start(spec, tracker, catalog) == ({"model": "forest", "depth": 4}, {"C": 1.0})


def test_a_runs_parameters_are_typed_and_those_that_are_no_dimensions_left_out(
    tracker: Tracker, catalog: Catalog
) -> None:
    """The store keeps parameters as text; a sampler needs them as they were."""
    run_id = run_with(tracker, model="svc", C="1e-1", depth="9", seed="5")
    (point,) = resolve_start(sweep(f"runs:/{run_id}"), tracker, catalog)
    assert point == {"model": "svc", "C": 0.1}, "and 'depth' does not exist beside 'svc'"
    assert isinstance(point["C"], float)


def test_a_champions_run_is_found(tracker: Tracker, catalog: Catalog) -> None:
    """A retraining starts where the champion was found."""
    run_id = run_with(tracker, model="forest", depth="7")
    version = catalog.create_version("digits", source="runs:/r/model", run_id=run_id)
    catalog.set_alias("digits", "champion", version.version)
    for address in ("models:/digits@champion", "models:/digits/1", "models:/digits/latest"):
        assert resolve_start(sweep(address), tracker, catalog) == ({"model": "forest", "depth": 7},)


@pytest.mark.parametrize(
    "address", ["models:/digits@champion", "models:/digits/latest", "models:/digits/Production"]
)
def test_the_first_retraining_has_no_champion(
    tracker: Tracker, catalog: Catalog, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A champion that is not there yet is passed over, and the log says so."""
    with caplog.at_level(logging.INFO):
        assert resolve_start(sweep(address, {"C": 1.0}), tracker, catalog) == ({"C": 1.0},)
    assert f"There is no '{address}' to start from yet" in caplog.text


def test_a_version_without_a_run_is_passed_over(
    tracker: Tracker, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    """A model that came from a folder has no parameters."""
    catalog.create_version("digits", source="somewhere")
    assert resolve_start(sweep("models:/digits/1"), tracker, catalog) == ()
    assert "'models:/digits/1' is a model without a run" in caplog.text


@pytest.mark.parametrize("address", ["models:/digits/7", "runs:/" + "0" * 32, "sweeps:/" + "0" * 32])
def test_what_is_named_exactly_must_be_there(tracker: Tracker, catalog: Catalog, address: str) -> None:
    """A number or an id that leads nowhere is a mistake, and not a champion that will come."""
    with pytest.raises(NotFound):
        resolve_start(sweep(address), tracker, catalog)


def test_an_address_that_cannot_be_read(tracker: Tracker, catalog: Catalog) -> None:
    """An address is refused before anything runs."""
    with pytest.raises(InvalidInput):
        resolve_start(sweep("models:/"), tracker, catalog)


@pytest.mark.parametrize("scheme", ["sweeps:/", "runs:/"])
def test_a_sweep_gives_its_best_trial(tracker: Tracker, catalog: Catalog, scheme: str) -> None:
    """The best trial's parameters are taken, with those that the other sweep had fixed."""
    other = sweep_of(space=(FloatRange(name="x", low=0.0, high=9.0),), params={"model": "forest"})
    run_id = begin_sweep(
        tracker, *tried(0, 0.5), *tried(1, 0.25), *tried(2, 0.75), spec=other, params={"depth": "5"}
    )
    here = replace(sweep(f"{scheme}{run_id}"), space=(*SPACE, FloatRange(name="x", low=0.0, high=1.0)))
    assert resolve_start(here, tracker, catalog) == ({"model": "forest", "depth": 5, "x": 0.1},)


def test_a_sweep_without_results_is_passed_over(
    tracker: Tracker, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    """A sweep that found nothing has nothing to start from."""
    run_id = begin_sweep(tracker, spec=sweep_of(), params={})
    assert resolve_start(sweep(f"sweeps:/{run_id}"), tracker, catalog) == ()
    assert "has no complete trial to start from" in caplog.text


def test_what_does_not_fit_is_left_to_the_sampler(
    tracker: Tracker, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    """A champion of a wider space still says where to look; the log tells what was left out."""
    run_id = run_with(tracker, model="svc", C="1000")
    assert resolve_start(sweep(f"runs:/{run_id}"), tracker, catalog) == ({"model": "svc"},)
    assert "without one value: 'C' is the text '1000'; expected a number from 0.1 to 100.0." in caplog.text


def test_a_run_that_has_nothing_in_common(
    tracker: Tracker, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    """An empty point would be a random trial in disguise, so there is none."""
    run_id = run_with(tracker, other="1")
    assert resolve_start(sweep(f"runs:/{run_id}"), tracker, catalog) == ()
    assert "nothing of it fits" in caplog.text


def test_each_point_once(tracker: Tracker, catalog: Catalog) -> None:
    """Two addresses of one run are one trial."""
    run_id = run_with(tracker, model="svc", C="1.0")
    spec = sweep(f"runs:/{run_id}", {"model": "svc", "C": 1}, f"runs:/{run_id}/model")
    assert resolve_start(spec, tracker, catalog) == ({"model": "svc", "C": 1.0},)
