"""What is asked of a model after its training: ``score``, and metrics of what it predicted.

A prediction is remembered by its identity for as long as it lives, with the run of the model and the
name of the data it was made of. A metric that is given that very object is logged to that run, as
``{metric}_{data}``; the second call of a metric is ``{metric}-2_{data}``, and data of the same name
that is another object is ``{data}-2``. ``metric_info.json`` keeps the calls as code.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.datasets import dataset_of, used_for
from mlflowflow.autologging.sklearn.arguments import parameters_of
from mlflowflow.autologging.sklearn.names import command_of, name_of
from mlflowflow.autologging.sklearn.scores import is_number
from mlflowflow.autologging.target import Target
from mlflowflow.tracking.artifacts.rendering import render_dict

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.training import Call
    from mlflowflow.tracking.fluent.active import ActiveRun

CALLS: Final = "metric_info.json"

#: Data of later predictions is not noted: somebody predicts in a loop and evaluates nothing.
_MOST_DATA: Final = 200


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Notes:
    """What was asked of the models of one run."""

    run: ActiveRun
    data: dict[str, list[Callable[[], Any]]] = field(default_factory=dict)
    calls: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def name_data(self, value: Any) -> tuple[str, bool] | None:
        """Return the name of data, and whether it is new; None if there is too much of it."""
        name = name_of(value)
        known = self.data.setdefault(name, [])
        for place, each in enumerate(known):
            if each() is value:
                return _numbered(name, place), False
        if sum(map(len, self.data.values())) >= _MOST_DATA:
            return None
        known.append(_held(value))
        return _numbered(name, len(known) - 1), True

    def name_call(self, metric: str, data: str, command: str) -> str:
        """Return the key of the next call of a metric."""
        calls = self.calls.setdefault(metric, [])
        key = f"{_numbered(metric, len(calls))}_{data}"
        calls.append((key, command))
        return key

    def all_calls(self) -> dict[str, str]:
        """Return each key with the call it came of."""
        return dict(sorted(pair for calls in self.calls.values() for pair in calls))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A fitted model: its run's notes and its id."""

    notes: _Notes
    model_id: str | None


class After:
    """The models that were fitted and the predictions they made. All methods may be called from any thread."""

    def __init__(self, care: Care, *, log_datasets: bool) -> None:
        """Begin with none."""
        self._care = care
        self._log_datasets = log_datasets
        self._models: weakref.WeakKeyDictionary[Any, _Known] = weakref.WeakKeyDictionary()
        self._notes: weakref.WeakValueDictionary[str, _Notes] = weakref.WeakValueDictionary()
        self._results: dict[int, tuple[str, _Known]] = {}
        self._lock = threading.RLock()

    def watch(self, model: Any, run: ActiveRun, model_id: str | None) -> None:
        """Notice from now on what is asked of a fitted `model`."""
        with self._lock:
            notes = self._notes.get(run.run_id)
            if notes is None:
                self._notes[run.run_id] = notes = _Notes(run)
            self._models[model] = _Known(notes=notes, model_id=model_id)

    def predicted(self, call: Call, result: Any) -> None:
        """Remember what a model answered."""
        model, data = call.args[0], _first_argument(call)
        with self._lock:
            known = self._models.get(model)
            if known is None or data is None:
                return
            named = known.notes.name_data(data)
            if named is None:
                return
            name, is_new = named
            if self._remember(result, name, known) and is_new and self._log_datasets:
                self._log_dataset(data, known)

    def scored(self, call: Call, result: Any) -> None:
        """Log what a model's ``score`` said."""
        model, *args = call.args
        with self._lock:
            known = self._models.get(model)
            data = _first_argument(call)
            named = None if known is None else known.notes.name_data(data)
            if known is None or named is None or not is_number(result):
                return
            command = command_of(call.original, tuple(args), call.kwargs, of=model)
            self._log(
                known,
                {"metric": f"{type(model).__name__}_score", "data": named[0], "command": command},
                result,
            )

    def measured(self, call: Call, result: Any) -> None:
        """Log what a metric said of a prediction that is remembered."""
        if not is_number(result):
            return
        with self._lock:
            given = (self._results.get(id(each)) for each in (*call.args, *call.kwargs.values()))
            found = next((each for each in given if each is not None), None)
            if found is not None:
                name, known = found
                command = command_of(call.original, call.args, call.kwargs)
                self._log(known, {"metric": call.original.__name__, "data": name, "command": command}, result)

    def _remember(self, result: Any, name: str, known: _Known) -> bool:
        try:
            weakref.finalize(result, self._results.pop, id(result), None).atexit = False
        except TypeError:  # a list or a tuple; when it is gone, its identity may be that of another
            return False
        self._results[id(result)] = (name, known)
        return True

    def _log_dataset(self, data: Any, known: _Known) -> None:
        with self._care.attempt("describe the data of a prediction"):
            dataset = dataset_of(data)
            if dataset is not None:
                self._target(known).log_inputs([used_for(dataset, "eval")])

    def _log(self, known: _Known, call: dict[str, str], value: Any) -> None:
        key = known.notes.name_call(**call)
        target = self._target(known)
        target.log_metrics({key: value}, model_id=known.model_id)
        target.put(render_dict(known.notes.all_calls(), CALLS), CALLS)

    def _target(self, known: _Known) -> Target:
        return Target(run=known.notes.run, care=self._care, managed=False)


def _first_argument(call: Call) -> Any:
    names = parameters_of(call.original)
    return call.args[1] if len(call.args) > 1 else call.kwargs.get(names[0] if names else "")


def _held(value: Any) -> Callable[[], Any]:
    """Return what gives `value` back for as long as somebody else keeps it."""
    try:
        return weakref.ref(value)
    except TypeError:  # a list; keeping it is better than taking another for it
        return lambda: value


def _numbered(name: str, place: int) -> str:
    return name if place == 0 else f"{name}-{place + 1}"
