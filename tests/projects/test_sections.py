"""Pipelines cannot be made so that they mean nothing."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.sections import FIXED_OUTPUTS, EntryPointStep, PipelineSpec, runnable_order


def test_a_pipeline_has_steps() -> None:
    """Facts are valid by construction, also when no file is involved."""
    with pytest.raises(InvalidInput) as caught:
        PipelineSpec(name="p", steps=())
    assert str(caught.value) == "Pipeline 'p' has no steps; give it at least one."


def test_steps_in_runnable_order() -> None:
    """A step that is written first waits for the one it needs."""
    first, second = (
        EntryPointStep(id="b", entry_point="e", needs=("a",)),
        EntryPointStep(id="a", entry_point="e"),
    )
    assert runnable_order((first, second)) == (second, first)


def test_what_a_sweep_offers() -> None:
    """Later steps can look up the winner, its values, the run that refits it, and the front."""
    assert FIXED_OUTPUTS["sweep"] == (
        "best_params",
        "best_run_id",
        "best_value",
        "best_values",
        "front",
        "refit_run_id",
    )
