"""Where a sweep starts: addresses of runs, models and sweeps turned into values of its dimensions.

This is done once, before the sweep begins; the log then says what came of it, so that a sweep that is
continued does not start elsewhere because an alias was moved meanwhile.

What the project file gives as values must fit, or nothing runs. What an address leads to was made for
another search: values outside this one are left to the sampler, and a champion that is not there yet
is passed over. Both are said in the library's log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.point import existing, fitting
from mlflowflow.projects.value import frozen
from mlflowflow.registry.uri import RunUri, VersionUri, parse_model_uri, resolve_version
from mlflowflow.sweeps.log import read_history

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.tracking.tracker import Tracker

_LOG: Final = logging.getLogger(__name__)
#: So begins the address of a sweep; the rest is the id of its run.
SWEEPS: Final = "sweeps:/"


def resolve_start(spec: SweepSpec, tracker: Tracker, catalog: Catalog) -> tuple[Mapping[str, Scalar], ...]:
    """Return the points at which `spec` starts, each once, in the order in which they are given.

    Of an address that is the run of a model (``models:/digits@champion``), a run (``runs:/…``), or
    the best trial of a sweep (``sweeps:/…``, or the address of a sweep's run); what this run was
    given for dimensions of the sweep is taken.

    Raises:
        NotFound: a run, a sweep, or a version by its number that is not there.
        InvalidInput: an address that cannot be read.
        CorruptData: the log of a sweep is damaged.
    """
    points: list[Mapping[str, Scalar]] = []
    for start in spec.start_from:
        point = _from_address(spec, start, tracker, catalog) if isinstance(start, str) else start
        if point and point not in points:
            points.append(frozen(point))
    return tuple(points)


def _from_address(spec: SweepSpec, address: str, tracker: Tracker, catalog: Catalog) -> Mapping[str, Scalar]:
    params = _params_at(address, tracker, catalog)
    point: dict[str, Scalar] = {}
    for dimension in spec.space:
        try:
            if params is not None and dimension.name in params:
                point[dimension.name] = fitting(dimension, params[dimension.name])
        except InvalidInput as mistake:
            _LOG.warning("Sweep '%s' starts from '%s' without one value: %s", spec.name, address, mistake)
    if params is not None and not point:
        _LOG.warning("Sweep '%s' does not start from '%s': nothing of it fits.", spec.name, address)
    return existing(spec.space, point)


def _params_at(address: str, tracker: Tracker, catalog: Catalog) -> Mapping[str, Scalar] | None:
    """Return what the run at `address` was given; None, and logged, if there is nothing to start from yet."""
    if address.startswith(SWEEPS):
        return _of_best(read_history(tracker.store, address.removeprefix(SWEEPS)), address)
    uri = parse_model_uri(address)
    if isinstance(uri, RunUri):
        return _of_run(uri.run_id, tracker, address)
    try:
        version = resolve_version(catalog, uri)
    except NotFound as missing:
        if isinstance(uri, VersionUri):
            raise
        _LOG.info("There is no '%s' to start from yet: %s", address, missing)
        return None
    if version.run_id is None:
        _LOG.warning("'%s' is a model without a run, so it has no parameters to start from.", address)
        return None
    return _of_run(version.run_id, tracker, address)


def _of_run(run_id: str, tracker: Tracker, address: str) -> Mapping[str, Scalar] | None:
    try:
        history = read_history(tracker.store, run_id)
    except NotFound:  # a run like any other
        return tracker.get_run(run_id).data.params
    return _of_best(history, address)


def _of_best(history: SweepHistory, address: str) -> Mapping[str, Scalar] | None:
    """Return the parameters of the sweep's best trial, fixed ones included."""
    if history.best is None:
        _LOG.warning("The sweep '%s' has no complete trial to start from.", address)
        return None
    return {**history.sweep.params, **history.opened.params, **history.best.params}
