"""Keras 3: ``fit`` of models, by a callback per epoch or per some steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.boosting import Arguments, with_callback
from mlflowflow.autologging.datasets import dataset_of, used_for
from mlflowflow.autologging.examples import described, first_rows
from mlflowflow.autologging.integration import Integration
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.training import trains
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.target import Target
    from mlflowflow.autologging.training import Call

FLAVOR: Final = "keras"
SUMMARY: Final = "model_summary.txt"

#: Arguments that are no params.
_NO_PARAMS: Final = frozenset({"self", "x", "y", "callbacks", "validation_data", "verbose"})


def integration(log_model: Callable[..., Any]) -> Integration:
    """Return the integration; `log_model` is that of `mlflowflow.keras`.

    >>> integration(print).knows("3.11.3")
    True
    """
    return Integration(
        flavor=FLAVOR, distributions=("keras",), tried=("3", "4"), patches=partial(_patches, log_model)
    )


def check_pace(*, log_every_epoch: bool, log_every_n_steps: int | None) -> None:
    """Raise `InvalidInput` unless metrics are logged by epochs or by steps, and not by both.

    >>> check_pace(log_every_epoch=True, log_every_n_steps=None)
    """
    if log_every_epoch is not (log_every_n_steps is None):
        raise InvalidInput(
            f"Metrics are logged every epoch (log_every_epoch=True) or every so many steps "
            f"(log_every_epoch=False, log_every_n_steps=10), not by log_every_epoch={log_every_epoch} "
            f"and log_every_n_steps={log_every_n_steps}."
        )


def _patches(log_model: Callable[..., Any], options: Options, care: Care) -> Iterator[Patch]:
    keras: Any = import_module("keras")

    def make(call: Call, options: Options, care: Care) -> KerasTraining:
        return KerasTraining(call=call, options=options, care=care, log_model=log_model)

    yield Patch(owner=keras.Model, name="fit", wrapper=trains(make, options, care))


@dataclass(slots=True, kw_only=True)
class KerasTraining:
    """The `Training` of one call of ``fit``."""

    call: Call
    options: Options
    care: Care
    log_model: Callable[..., Any]
    is_transparent: bool = False

    def begin(self, target: Target) -> Call:
        """Log params and data, and look at each epoch or step."""
        arguments = Arguments.of(self.call)
        if self.options.log_models:
            target.begin_model()
        named = arguments.named
        params = {**named.get("kwargs", {}), **arguments.without(_NO_PARAMS | {"kwargs"})}
        size = params.get("batch_size") or _batch_size(named.get("x"))
        target.log_params({**params, "batch_size": size})
        if self.options.log_datasets:
            self._log_data(target, named.get("x"), named.get("y"), "train")
            held_out = named.get("validation_data")
            if isinstance(held_out, tuple) and held_out:
                self._log_data(target, held_out[0], held_out[1] if len(held_out) > 1 else None, "eval")
        callback = callback_of(
            target,
            log_every_epoch=self.options.own.get("log_every_epoch", True),
            log_every_n_steps=self.options.own.get("log_every_n_steps"),
        )
        return with_callback(self.call, callback)

    def end(self, target: Target, result: Any) -> None:
        """Log the model."""
        del result
        if not self.options.log_models:
            return
        model, data = self.call.args[0], Arguments.of(self.call).named.get("x")
        kept = described(
            partial(first_rows, data), lambda rows: model.predict(rows, verbose=0), self.options, self.care
        )
        with self.care.attempt("log the model"):
            self.log_model(
                model,
                name="model",
                signature=kept.signature,
                input_example=kept.example,
                registered_model_name=self.options.registered_model_name,
                save_model_kwargs=self.options.own.get("save_model_kwargs"),
                save_exported_model=self.options.own.get("save_exported_model", False),
                model_id=target.model_id,
            )

    def _log_data(self, target: Target, data: Any, labels: Any, context: str) -> None:
        with self.care.attempt("describe the training data"):
            dataset = dataset_of(data, labels)
            if dataset is not None:
                target.log_inputs([used_for(dataset, context)])


def callback_of(target: Target, *, log_every_epoch: bool, log_every_n_steps: int | None) -> Any:
    """Return a callback that logs to `target`; its class is made here, for its base comes of Keras."""
    keras: Any = import_module("keras")

    class AutologCallback(keras.callbacks.Callback):  # type: ignore[misc] # no types without keras
        """Log the optimizer, the layers and the metrics."""

        def on_train_begin(self, logs: Any = None) -> None:
            """Log what does not change."""
            del logs
            with target.care.attempt("describe the model"):
                config = self.model.optimizer.get_config()
                target.log_params({f"optimizer_{name}": value for name, value in config.items()})
                lines: list[str] = []
                self.model.summary(print_fn=lambda line, **_: lines.append(line))
                target.put("\n".join(lines), SUMMARY)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            """Log the metrics of an epoch."""
            if log_every_epoch and logs:
                with target.care.attempt("log an epoch"):
                    target.log_metrics(logs, step=epoch)

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            """Log the metrics of every so manyth step."""
            del batch
            if log_every_n_steps and logs:
                step = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))
                if step % log_every_n_steps == 0:
                    with target.care.attempt("log a step"):
                        target.log_metrics(logs, step=step)

        def on_test_end(self, logs: Any = None) -> None:
            """Log the metrics of a validation."""
            if logs:
                with target.care.attempt("log a validation"):
                    target.log_metrics({f"validation_{name}": value for name, value in logs.items()})

    return AutologCallback()


def _batch_size(data: Any) -> Any:
    return getattr(data, "batch_size", None) or getattr(data, "_batch_size", None)
