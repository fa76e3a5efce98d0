"""Sweeps that are right, as the mapping that a project file holds, and the same in the words of Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from mlflowflow import sweeps as words
from mlflowflow.projects.spec import parse_project
from mlflowflow.sweeps.building import sweep_spec_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.sweep_spec import SweepSpec

_METRICS: Final = ("auc", "loss", "size")
_RESOURCES: Final[Mapping[str, dict[str, Any]]] = {
    "free": {"cpu": 0.5, "memory": "512MiB"},
    "large": {"cpu": 2, "memory": "2GiB", "price_per_hour": 0.25, "dask": {"GPU": 1}},
}
_numbers = st.floats(-1e6, 1e6).map(lambda number: round(number, 6))
_durations = st.sampled_from(["30s", "10m", "1h30m", 45, 0.5])


def _axes(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    axes: dict[str, dict[str, Any]] = {}
    options = draw(st.lists(st.sampled_from(["svc", "no", "1e-3", 4, 2.5, True]), min_size=1, unique=True))
    if draw(st.booleans()):
        axes["zz"] = {"choice": options}
    for name in draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=0 if axes else 1, unique=True)):
        axes[name] = draw(st.sampled_from([_floats, _ints]))(draw)
        if "zz" in axes and draw(st.booleans()):
            axes[name]["when"] = {"zz": draw(st.sampled_from(options))}
    return axes


def _floats(draw: st.DrawFn) -> dict[str, Any]:
    low, width = draw(st.floats(1e-6, 1e3)), draw(st.sampled_from([0.5, 2, 1e4]))
    extra: dict[str, Any] = draw(st.sampled_from([{}, {"log": True}, {"step": 0.25}, {"log": False}]))
    return {"float": [low, low + width], **extra}


def _ints(draw: st.DrawFn) -> dict[str, Any]:
    low, width = draw(st.integers(1, 50)), draw(st.integers(0, 100))
    extra: dict[str, Any] = draw(st.sampled_from([{}, {"log": True}, {"step": 3}]))
    return {"int": [low, low + width], **extra}


def _objectives(draw: st.DrawFn) -> list[dict[str, Any]]:
    metrics = draw(st.lists(st.sampled_from(_METRICS), min_size=1, unique=True))
    marked = draw(st.sampled_from([*metrics, None]))
    return [
        {"metric": metric, "goal": draw(st.sampled_from(["maximize", "minimize"]))}
        | ({"prune_on": True} if metric == marked else {})
        for metric in metrics
    ]


def _sampler(draw: st.DrawFn, document: Mapping[str, Any]) -> dict[str, Any]:
    axes = document["space"].values()
    plain = [axis for axis in axes if "choice" not in axis and "when" not in axis]
    possible = ["tpe", "random", "nsga2", "qmc", "gp"]
    possible += ["grid"] if all("step" in axis for axis in axes if "float" in axis) else []
    possible += ["cmaes"] if len(plain) > 1 and len(document["objectives"]) == 1 else []
    name = draw(st.sampled_from(possible))
    extras: dict[str, Any] = {
        "tpe": {"startup": 4, "multivariate": True},
        "nsga2": {"population": 12},
        "cmaes": {"startup": 0, "population": 6},
        "gp": {"startup": 3},
    }
    extra = draw(st.sampled_from([{}, {"seed": 7}, {"seed": 0, **extras.get(name, {})}]))
    return {"name": name, **extra}


def _pruner(draw: st.DrawFn, document: Mapping[str, Any]) -> dict[str, Any] | None:
    objectives = document["objectives"]
    if len(objectives) > 1 and not any("prune_on" in each for each in objectives):
        return None
    return draw(
        st.sampled_from(
            [
                None,
                {"name": "median"},
                {"name": "median", "startup": 3, "warmup": 2, "interval": 2},
                {"name": "percentile", "percentile": 25, "startup": 0},
                {"name": "asha"},
                {"name": "asha", "min_resource": 1, "max_resource": 27, "reduction": 4},
                {"name": "hyperband", "min_resource": 1, "max_resource": 9},
            ]
        )
    )


def _start(draw: st.DrawFn, space: Mapping[str, Any]) -> list[Any]:
    point = {
        name: axis["choice"][-1] if "choice" in axis else axis.get("float", axis.get("int"))[0]
        for name, axis in space.items()
        if draw(st.booleans())
    }
    return [point, *draw(st.sampled_from([[], ["models:/churn@champion"], ["runs:/abc", "sweeps:/def"]]))]


def _trial(draw: st.DrawFn, *, resources: str | None) -> dict[str, Any]:
    optional = {
        "timeout": _durations,
        "attempts": st.integers(1, 5),
        "retry_on": st.lists(st.sampled_from(["worker_lost", "timeout", "error", "OSError", "ShapeError"])),
        "on_prune": st.sampled_from(["signal", "kill", "never"]),
        "grace": _durations,
        "priority": st.integers(-5, 5),
    }
    trial: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=optional))
    return trial if resources is None else {**trial, "resources": resources}


def _on_ms(limit: dict[str, float]) -> dict[str, Any]:
    return {"metric": "ms", **limit}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what stands under a sweep's name in a project file; the sweep is right."""
    document: dict[str, Any] = {
        "entry_point": "clean.py",
        "space": _axes(draw),
        "objectives": _objectives(draw),
    }
    metrics = [each["metric"] for each in document["objectives"]]
    resources = draw(st.sampled_from([None, *_RESOURCES]))
    limits: dict[str, Any] = {"wall": _durations, "failed_trials": st.integers(1, 9)}
    limits |= {"cost": st.sampled_from([3, 0.5])} if resources == "large" else {}
    limit: st.SearchStrategy[dict[str, float]] = st.sampled_from(
        [{"max": 20}, {"min": 0.5}, {"min": -1, "max": 1.0}]
    )
    optional: dict[str, Any] = {
        "params": st.just({"data": "here"}),
        "constraints": st.lists(limit.map(_on_ms), max_size=2),
        "parallel": st.integers(1, 64),
        "stop": st.fixed_dictionaries(
            {},
            optional={
                "target": st.dictionaries(st.sampled_from(metrics), _numbers),
                "no_improvement": st.integers(1, 9),
            },
        ),
        "dedupe": st.sampled_from(["off", "reuse_result"]),
        "select": st.fixed_dictionaries(
            {},
            optional={
                "by": st.sampled_from(metrics),
                "among": st.sampled_from(["all", "pareto"]),
                "refit": st.sampled_from([True, False, {"params": {"fit_on": "all"}}]),
            },
        ),
        "visibility": st.sampled_from(["sweep", "tasks"]),
    }
    document |= draw(st.fixed_dictionaries({}, optional=optional))
    budget: dict[str, Any] = draw(st.fixed_dictionaries({"trials": st.integers(1, 99)}, optional=limits))
    document["budget"] = budget
    document["trial"] = _trial(draw, resources=resources)
    document["sampler"] = _sampler(draw, document)
    pruner = _pruner(draw, document)
    document |= {} if pruner is None else {"pruner": pruner}
    document |= {"start_from": _start(draw, document["space"])} if draw(st.booleans()) else {}
    return document


def from_file(document: Mapping[str, Any]) -> SweepSpec:
    """Return the sweep that a project file with `document` declares."""
    file = {"spec": "mlflowflow/v1", "resources": _RESOURCES, "sweeps": {"tune": document}}
    spec = parse_project(json.dumps(file), path="MLproject", root=Path("folder"), scripts=["clean.py"])
    return spec.sweeps["tune"]


def in_python(document: Mapping[str, Any]) -> SweepSpec:
    """Return the sweep that a program makes which says in words what `document` says."""
    options: dict[str, Any] = {
        key: value for key, value in document.items() if key in {"params", "start_from", "dedupe"}
    }
    options |= {key: document[key] for key in ("parallel", "visibility") if key in document}
    trial = dict(document["trial"])
    if "resources" in trial:
        options["resources"] = words.resources(trial["resources"], **_RESOURCES[trial.pop("resources")])
    if "stop" in document:
        options["stop"] = words.stop_when(**document["stop"])
    if "select" in document:
        options["select"] = words.winner(**_selection(document["select"]))
    if "pruner" in document:
        options["pruner"] = _called(_PRUNERS, document["pruner"])
    return sweep_spec_of(
        "tune",
        entry_point=document["entry_point"],
        space={name: _axis(axis) for name, axis in document["space"].items()},
        objectives=[_objective(each) for each in document["objectives"]],
        constraints=[_constraint(each) for each in document.get("constraints", [])],
        sampler=_called(_SAMPLERS, document["sampler"]),
        budget=words.budget(**document["budget"]),
        **options,
        **trial,
    )


def _percentile(**options: Any) -> Any:
    return words.percentile(options.pop("percentile"), **options)


_SAMPLERS: Final[Mapping[str, Callable[..., Any]]] = {
    "tpe": words.tpe,
    "random": words.random_search,
    "grid": words.grid,
    "gp": words.gp,
    "cmaes": words.cmaes,
    "nsga2": words.nsga2,
    "qmc": words.qmc,
}
_PRUNERS: Final[Mapping[str, Callable[..., Any]]] = {
    "median": words.median,
    "percentile": _percentile,
    "asha": words.asha,
    "hyperband": words.hyperband,
}


def _called(table: Mapping[str, Callable[..., Any]], method: Mapping[str, Any]) -> Any:
    options = dict(method)
    return table[options.pop("name")](**options)


def _axis(axis: Mapping[str, Any]) -> words.Axis:
    rest = {key: value for key, value in axis.items() if key not in {"choice", "int", "float"}}
    match axis:
        case {"choice": options}:
            return words.choice(*options, **rest)
        case {"int": (low, high)}:
            return words.integer(low, high, **rest)
        case {"float": (low, high)}:
            return words.real(low, high, **rest)
        case _:
            raise AssertionError(axis)


def _objective(objective: Mapping[str, Any]) -> Any:
    aim = words.maximize if objective["goal"] == "maximize" else words.minimize
    return aim(objective["metric"], prune=objective.get("prune_on", False))


def _constraint(limit: Mapping[str, Any]) -> Any:
    match limit:
        case {"min": low, "max": high}:
            return words.between(limit["metric"], low, high)
        case {"min": low}:
            return words.at_least(limit["metric"], low)
        case _:
            return words.at_most(limit["metric"], limit["max"])


def _selection(select: Mapping[str, Any]) -> dict[str, Any]:
    match select:
        case {"refit": {"params": params}}:
            return {**select, "refit": params}
        case _:
            return dict(select)
