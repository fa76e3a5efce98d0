"""The first rows of the training data, as a model's input example and to read a signature off."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.models.signature import ModelSignature

ROWS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is kept beside a logged model; None for what was not wished or could not be had."""

    example: Any = None
    signature: ModelSignature | None = None


def first_rows(data: Any) -> Any:
    """Return a copy of the first rows of a table, an array or a list.

    >>> first_rows(list(range(9)))
    [0, 1, 2, 3, 4]
    """
    return copy.deepcopy(data[:ROWS])


def described(
    rows: Callable[[], Any], predict: Callable[[Any], Any], options: Options, care: Care
) -> Description:
    """Take an example from `rows` and a signature from what `predict` says to it, as far as wished."""
    if not options.log_model_signatures and not options.log_input_examples:
        return Description()
    example: Any = None
    signature: ModelSignature | None = None
    with care.attempt("take an input example from the training data"):
        example = rows()
    if options.log_model_signatures and example is not None:
        with care.attempt("infer the signature of the model"):
            signature = infer_signature(example, predict(copy.deepcopy(example)))
    return Description(example=example if options.log_input_examples else None, signature=signature)
