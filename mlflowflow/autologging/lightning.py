"""PyTorch Lightning: ``Trainer.fit``, by a callback per epoch or per some steps."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.integration import Integration
from mlflowflow.autologging.patching import Patch
from mlflowflow.autologging.training import trains
from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.target import Target
    from mlflowflow.autologging.training import Call

FLAVOR: Final = "pytorch"
SUMMARY: Final = "model_summary.txt"
CHECKPOINT: Final = "checkpoints/latest_checkpoint.pth"

#: The two names under which Lightning is installed.
_PACKAGES: Final = {"lightning": "lightning.pytorch", "pytorch_lightning": "pytorch_lightning"}


def integration(log_model: Callable[..., Any]) -> Integration:
    """Return the integration; `log_model` is that of `mlflowflow.pytorch`.

    >>> integration(print).knows("2.5.5")
    True
    """
    return Integration(
        flavor=FLAVOR,
        distributions=("lightning", "pytorch-lightning"),
        tried=("2", "3"),
        patches=partial(_patches, log_model),
    )


def _patches(log_model: Callable[..., Any], options: Options, care: Care) -> Iterator[Patch]:
    present = [name for package, name in _PACKAGES.items() if package in sys.modules]
    for name in present or [_PACKAGES["lightning"]]:
        module = import_module(name)

        def make(call: Call, options: Options, care: Care, module: Any = module) -> TrainerTraining:
            return TrainerTraining(call=call, options=options, care=care, log_model=log_model, module=module)

        yield Patch(owner=module.Trainer, name="fit", wrapper=trains(make, options, care))


@dataclass(slots=True, kw_only=True)
class TrainerTraining:
    """The `Training` of one call of ``Trainer.fit``; `module` is the Lightning it is of."""

    call: Call
    options: Options
    care: Care
    log_model: Callable[..., Any]
    module: Any
    is_transparent: bool = False
    _watch: Any = None

    @property
    def trainer(self) -> Any:
        """The trainer."""
        return self.call.args[0]

    def begin(self, target: Target) -> Call:
        """Log how training is stopped early, and look at each epoch or step."""
        stopping = self._early_stopping()
        if self.options.log_models:
            target.begin_model()
        if stopping is not None:
            names = ("monitor", "mode", "patience", "min_delta", "stopped_epoch")
            target.log_params({name: getattr(stopping, name) for name in names if hasattr(stopping, name)})
        self._watch = Watch(target=target, own=self.options.own)
        callback = callback_of(self.module, self._watch)
        self.trainer.callbacks = [*_not_ours(self.trainer.callbacks), callback]
        return self.call

    def end(self, target: Target, result: Any) -> None:
        """Log how it was stopped, the layers, the model and the best checkpoint."""
        del result
        trainer, stopping = self.trainer, self._early_stopping()
        trainer.callbacks = _not_ours(trainer.callbacks)
        if stopping is not None and stopping.stopped_epoch:
            target.log_metrics(_stopped(stopping))
        with self.care.attempt("describe the model"):
            summary = import_module(f"{self.module.__name__}.utilities.model_summary").ModelSummary
            target.put(str(summary(trainer.lightning_module, max_depth=-1)), SUMMARY)
        if not self.options.log_models:
            return
        with self.care.attempt("log the model"):
            self.log_model(
                trainer.lightning_module,
                name="model",
                signature=self._watch.signature() if self.options.log_model_signatures else None,
                registered_model_name=self.options.registered_model_name,
                serialization_format="pickle",
                model_id=target.model_id,
            )
        best = getattr(trainer.checkpoint_callback, "best_model_path", "")
        if stopping is not None and best:
            with self.care.attempt("store the best checkpoint"):
                target.put_file(Path(best), "restored_model_checkpoint")

    def _early_stopping(self) -> Any:
        kind = self.module.callbacks.EarlyStopping
        return next((each for each in self.trainer.callbacks if isinstance(each, kind)), None)


@dataclass(slots=True, kw_only=True)
class Watch:
    """What is seen of one training, and what was logged by steps already."""

    target: Target
    own: Mapping[str, Any]
    by_step: set[str] = field(default_factory=set)
    by_epoch: set[str] = field(default_factory=set)
    best: float | None = None
    example: tuple[Any, Any] | None = None
    steps_per_batch: int = 1

    def note_start(self, trainer: Any, module: Any) -> None:
        """Log the optimizer, and keep the first thing the model is asked and answers."""
        self.target.set_tags({"Mode": "training"})
        params: dict[str, Any] = {"epochs": trainer.max_epochs}
        if trainer.optimizers:
            self.steps_per_batch = len(trainer.optimizers)
            optimizer = trainer.optimizers[0]
            optimizer = getattr(optimizer, "_optimizer", optimizer)
            params |= {"optimizer_name": type(optimizer).__name__, **optimizer.defaults}
        self.target.log_params(params)
        module.register_forward_hook(self._keep)

    def note_epoch(self, trainer: Any) -> None:
        """Log the metrics of an epoch that were not logged by steps, and a checkpoint if it is the best."""
        found = {
            name: float(value) for name, value in trainer.callback_metrics.items() if name not in self.by_step
        }
        self.by_epoch |= found.keys()
        if (trainer.current_epoch + 1) % (self.own.get("log_every_n_epoch") or 1) == 0:
            self.target.log_metrics(found, step=trainer.current_epoch)
        self._note_checkpoint(trainer)

    def note_batch(self, trainer: Any) -> None:
        """Log the metrics of every so manyth step."""
        pace = self.own.get("log_every_n_step")
        if not pace:
            return
        metrics = trainer.callback_metrics
        found = {
            name: float(value)
            for name, value in metrics.items()
            if name not in self.by_epoch and f"{name}_step" not in metrics
        }
        self.by_step |= found.keys()
        if (trainer.global_step // self.steps_per_batch + 1) % pace == 0:
            self.target.log_metrics(found, step=trainer.global_step)

    def note_test(self, trainer: Any) -> None:
        """Log the metrics of a test."""
        self.target.log_metrics({name: float(value) for name, value in trainer.callback_metrics.items()})

    def signature(self) -> Any:
        """Return the signature of what the model was first asked, None if that was not one tensor."""
        return None if self.example is None else infer_signature(*self.example)

    def _keep(self, module: Any, asked: tuple[Any, ...], answer: Any) -> None:
        del module
        if self.example is None and len(asked) == 1 and all(map(_is_tensor, (asked[0], answer))):
            self.example = (_array(asked[0]), _array(answer))

    def _note_checkpoint(self, trainer: Any) -> None:
        if not self.own.get("checkpoint", True):
            return
        value = trainer.callback_metrics.get(self.own.get("checkpoint_monitor", "val_loss"))
        if self.own.get("checkpoint_save_best_only", True) and (
            value is None or not self._is_best(float(value))
        ):
            return
        with TemporaryDirectory(prefix="mlflowflow-checkpoint-") as folder:
            file = Path(folder) / "latest_checkpoint.pth"
            weights = bool(self.own.get("checkpoint_save_weights_only", False))
            trainer.save_checkpoint(file, weights_only=weights)
            self.target.put_file(file, "checkpoints")

    def _is_best(self, value: float) -> bool:
        sign = -1.0 if self.own.get("checkpoint_mode", "min") == "max" else 1.0
        if self.best is not None and sign * value >= self.best:
            return False
        self.best = sign * value
        return True


def callback_of(module: Any, watch: Watch) -> Any:
    """Return a callback for the Lightning `module`; its class is made here, for its base comes of it."""
    zero = import_module(f"{module.__name__}.utilities").rank_zero_only
    care = watch.target.care

    class AutologCallback(module.Callback):  # type: ignore[misc] # no types without lightning
        """Tell the watch; in a training of several processes only the first does."""

        is_of_mlflowflow = True

        @zero  # type: ignore[untyped-decorator] # lightning's
        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            """Tell that it begins."""
            with care.attempt("log the beginning"):
                watch.note_start(trainer, pl_module)

        @zero  # type: ignore[untyped-decorator] # lightning's
        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            """Tell of an epoch, unless it is a rehearsal."""
            del pl_module
            if not trainer.sanity_checking:
                with care.attempt("log an epoch"):
                    watch.note_epoch(trainer)

        @zero  # type: ignore[untyped-decorator] # lightning's
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            """Tell of a step."""
            with care.attempt("log a step"):
                watch.note_batch(trainer)

        @zero  # type: ignore[untyped-decorator] # lightning's
        def on_test_end(self, trainer: Any, pl_module: Any) -> None:
            """Tell of a test."""
            del pl_module
            with care.attempt("log a test"):
                watch.note_test(trainer)

    return AutologCallback()


def _not_ours(callbacks: list[Any]) -> list[Any]:
    return [each for each in callbacks if not getattr(each, "is_of_mlflowflow", False)]


def _stopped(stopping: Any) -> dict[str, float]:
    epoch = stopping.stopped_epoch
    return {
        "stopped_epoch": epoch,
        "restored_epoch": epoch - max(1, stopping.patience),
        "best_score": float(stopping.best_score),
        "wait_count": stopping.wait_count,
    }


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach")


def _array(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()
