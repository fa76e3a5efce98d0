"""A library as small as can be, and its integration, to test what is the same for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflowflow.autologging.integration import Integration
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.training import Call, trains

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.target import Target


@dataclass
class Model:
    """What the library trains."""

    calls: list[Any] = field(default_factory=list)

    def fit(self, data: Any, *, inner: Model | None = None) -> Model:
        """Remember the data; train `inner` first."""
        if inner is not None:
            inner.fit(data)
        if isinstance(data, BaseException):
            raise data
        self.calls.append(data)
        return self


@dataclass
class ModelTraining:
    """What is logged of it."""

    call: Call
    options: Options
    care: Care
    is_transparent: bool = False

    def begin(self, target: Target) -> Call:
        """Log the data, and give the original one more."""
        if self.options.own.get("fails") == "begin":
            raise RuntimeError("no beginning")
        target.log_params({"data": self.call.args[1]})
        model, data = self.call.args
        changed = data + 1 if isinstance(data, int) else data
        return Call(original=self.call.original, args=(model, changed), kwargs=self.call.kwargs)

    def end(self, target: Target, result: Any) -> None:
        """Log how often it was trained."""
        if self.options.own.get("fails") == "end":
            raise RuntimeError("no end")
        target.log_metrics({"calls": len(result.calls)})


@dataclass
class TransparentTraining(ModelTraining):
    """The same, for a library whose inner calls are logged too."""

    is_transparent: bool = True


def small_library(kind: type[ModelTraining] = ModelTraining, *, distribution: str = "pytest") -> Integration:
    """Return the integration."""

    def patches(options: Options, care: Care) -> Iterator[Patch]:
        yield Patch(owner=Model, name="fit", wrapper=trains(kind, options, care))

    return Integration(
        flavor="small", distributions=("absent", distribution), tried=("1", "99"), patches=patches
    )
