"""Examples and signatures of what was trained."""

from __future__ import annotations

import numpy as np
import pytest

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.examples import Description, described, first_rows
from mlflowflow.autologging.options import Options
from mlflowflow.models.signature import infer_signature

DATA = np.arange(20.0).reshape(10, 2)
CARE = Care(flavor="small")


def test_the_first_rows_are_a_copy() -> None:
    """A training that overwrites its data does not change the example."""
    rows = first_rows(DATA)
    assert rows.shape == (5, 2)
    assert not np.shares_memory(rows, DATA)


def test_only_what_is_wished_is_kept() -> None:
    """A signature needs an example, which is not kept for that."""
    signature = infer_signature(DATA, DATA)
    both = described(lambda: DATA, lambda rows: rows, Options(log_input_examples=True), CARE)
    assert both.signature == signature
    assert both.example is DATA
    assert described(lambda: DATA, lambda rows: rows, Options(), CARE) == Description(signature=signature)
    neither = Options(log_model_signatures=False)
    assert described(lambda: 1 / 0, lambda rows: rows, neither, CARE) == Description()


@pytest.mark.usefixtures("in_use")
def test_what_cannot_be_had_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A model that does not answer is kept without a signature, and with its example."""
    found = described(lambda: DATA, lambda _: 1 / 0, Options(log_input_examples=True), CARE)
    assert found.example is DATA
    assert found.signature is None
    assert "signature" in caplog.text
