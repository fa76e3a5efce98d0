"""Models written in Python: the class to derive from, functions as models, and how either is called."""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.models.type_hints import TypeHints, converted, hints_of, takes_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class PythonModelContext:
    """What a model is given when it is loaded: where its artifacts are, and how it is configured."""

    def __init__(self, artifacts: Mapping[str, str], model_config: Mapping[str, Any] | None) -> None:
        """Hold both; `load_model` makes this."""
        self._artifacts = dict(artifacts)
        self._model_config = dict(model_config or {})

    @property
    def artifacts(self) -> dict[str, str]:
        """The absolute path of each artifact, by its name."""
        return self._artifacts

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration's values by their names."""
        return self._model_config


class PythonModel:
    """Be the class that models written in Python derive from.

    >>> class Doubler(PythonModel):
    ...     def predict(self, context, model_input, params=None):
    ...         return [2 * one for one in model_input]
    >>> Doubler().predict(None, [1, 2])
    [2, 4]

    ``predict(self, model_input, params=None)`` without the context will do, and so will it without params.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Read what the model needs from its artifacts; called once, when it is loaded."""

    def predict(self, context: Any, model_input: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Answer for `model_input`. Every model has its own."""
        raise NotImplementedError(f"'{type(self).__name__}' has no predict().")

    def predict_stream(
        self, context: Any, model_input: Any, params: Mapping[str, Any] | None = None
    ) -> Iterator[Any]:
        """Answer piece by piece, if the model can."""
        raise NotImplementedError(f"'{type(self).__name__}' has no predict_stream().")

    @property
    def predict_type_hints(self) -> TypeHints:
        """What `predict` says that it takes and returns."""
        return hints_of(self.predict)


class FunctionModel(PythonModel):
    """A model that is one function of its data."""

    def __init__(self, func: Callable[..., Any], signature: Any = None) -> None:
        """Call `func`."""
        self.func = func
        self.signature = signature

    def __reduce__(self) -> tuple[Any, ...]:
        """Be made anew where it is loaded: MLflow's counterpart prepares the function then."""
        return FunctionModel, (self.func, self.signature)

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> Any:  # type: ignore[override]  # without the context, as any model may
        """Answer with what the function returns."""
        if "params" in inspect.signature(self.func).parameters:
            return self.func(model_input, params=params)
        return self.func(model_input)

    @property
    def predict_type_hints(self) -> TypeHints:
        """What the function says that it takes and returns."""
        return hints_of(self.func)


class Caller:
    """Call a model's method with what it takes of the context, the data and the parameters."""

    def __init__(self, model: PythonModel, context: PythonModelContext, method: str) -> None:
        """Look at the `method`'s arguments once."""
        self._call = getattr(model, method)
        self._context = context
        self._hint = model.predict_type_hints.input
        self._takes_context = takes_context(self._call)
        self._takes_params = "params" in inspect.signature(self._call).parameters

    def __call__(self, data: Any, params: Mapping[str, Any]) -> Any:
        """Return the model's answer. Raises `InvalidInput` for data that is not what its type hint says."""
        given = converted(data, self._hint)
        keywords = {"params": dict(params)} if self._takes_params else {}
        if self._takes_context:
            return self._call(self._context, given, **keywords)
        return self._call(given, **keywords)


#: Where the file of a model leaves what it made, while that file is being run.
MADE: Final[ContextVar[list[Any] | None]] = ContextVar("mlflowflow_made_model", default=None)


def set_model(model: Any) -> None:
    """Name the model that a file makes; called once in a file that is saved as a model.

    Raises `InvalidInput` for what is neither a `PythonModel` nor a function.

    >>> set_model(lambda model_input: model_input)
    """
    if not isinstance(model, PythonModel) and not callable(model):
        raise InvalidInput(
            f"A model is a PythonModel or a function of its data, not a '{type(model).__name__}'."
        )
    made = MADE.get()
    if made is not None:
        made[:] = [model]


def checked(model: Any) -> PythonModel:
    """Return `model` as a `PythonModel`. Raises `InvalidInput` for what is none and no function."""
    if isinstance(model, PythonModel):
        if type(model).predict is PythonModel.predict:
            raise InvalidInput(f"'{type(model).__name__}' has no predict() of its own.")
        return model
    if isinstance(model, type) and issubclass(model, PythonModel):
        raise InvalidInput(f"'{model.__name__}' is a class; give an instance of it: {model.__name__}().")
    if not callable(model):
        raise InvalidInput(
            f"A model is a PythonModel or a function of its data, not a '{type(model).__name__}'."
        )
    count = len([one for one in inspect.signature(model).parameters if one != "params"])
    if count != 1:
        raise InvalidInput(f"A function that is a model takes its data and nothing else; this takes {count}.")
    return FunctionModel(model)
