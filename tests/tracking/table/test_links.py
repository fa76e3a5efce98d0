"""What ties runs to datasets and models, as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
)
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.table.links import (
    datasets_in,
    datasets_text,
    input_records,
    inputs_of,
    linked_to,
    links_in,
    links_text,
    metric_link,
    output_records,
    outputs_of,
)
from tests.tracking.stores import records

_LINKED = (Kind.INPUT, Kind.INPUT_TAG, Kind.MODEL_INPUT, Kind.MODEL_OUTPUT)
_WORDS = st.text(max_size=4)


def folded(*facts: Record) -> ExperimentState:
    """Return the state of facts logged one after the other."""
    state = ExperimentState()
    for at, fact in enumerate(facts):
        fold(state, [Record(run_id="r", kind=fact.kind, key=fact.key, text=fact.text, at=at)], writer="w")
    return state


def wine(*, profile: str | None = None, **tags: str) -> DatasetInput:
    """Return a dataset as an input with tags."""
    dataset = Dataset("wine", "f9a1", "local", "{}", profile=profile)
    return DatasetInput(dataset, tuple(InputTag(key, text) for key, text in tags.items()))


@given(model=st.none() | _WORDS, dataset=st.none() | st.tuples(_WORDS, _WORDS), run=st.none() | _WORDS)
def test_a_link_comes_back(model: str | None, dataset: tuple[str, str] | None, run: str | None) -> None:
    """What a point is linked to is the same after being written, and equal links are equal texts."""
    name, digest = dataset or (None, None)
    run = run if model is not None or dataset is not None else None
    point = Metric("loss", 0.5, 1, 2, model, name, digest, run)
    assert Metric("loss", 0.5, 1, 2, **linked_to(metric_link(point))) == point


def test_a_point_without_a_link_has_no_text() -> None:
    """Points without links cost what they cost before there were any."""
    assert metric_link(Metric("loss", 0.5, 1, 2, run_id="copied from")) == ""


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "7", '{"dataset_name": "half"}', "[" * 100_000])
def test_what_is_no_link_is_none(text: str) -> None:
    """A point whose text another program wrote is still a point."""
    assert linked_to(text) == {}


def test_the_same_dataset_twice_is_one_input() -> None:
    """The first description of it counts, and of each tag the latest word."""
    told = [wine(context="train", team="a"), wine(profile="later", context="test")]
    state = folded(*(fact for one in told for fact in input_records("r", [one], [])))
    (found,) = inputs_of(state.run("r").links).dataset_inputs
    assert found.dataset == told[0].dataset
    assert {tag.key: tag.value for tag in found.tags} == {"context": "test", "team": "a"}


def test_inputs_are_in_the_order_in_which_they_were_said() -> None:
    """Scripts ask for the first input; it is not the first of the alphabet."""
    beer = DatasetInput(Dataset("beer", "1", "local", "{}"))
    state = folded(*input_records("r", [wine(), beer], [LoggedModelInput("m-2"), LoggedModelInput("m-1")]))
    found = inputs_of(state.run("r").links)
    assert [one.dataset.name for one in found.dataset_inputs] == ["wine", "beer"]
    assert [one.model_id for one in found.model_inputs] == ["m-2", "m-1"]


def test_of_an_output_the_last_step_counts() -> None:
    """A model that is said to be made again, at a later step, is one output."""
    made = [LoggedModelOutput("m-1", 3), LoggedModelOutput("m-2", 0), LoggedModelOutput("m-1", -7)]
    state = folded(*output_records("r", made))
    assert set(outputs_of(state.run("r").links).model_outputs) == {made[1], made[2]}


@given(st.lists(records(kinds=_LINKED, run_ids=("r",)), max_size=8))
def test_all_cells_come_back_from_their_column(logged: list[Record]) -> None:
    """Whatever was said of inputs and outputs is the same after being stored, and can be shown."""
    state = ExperimentState()
    fold(state, logged, writer="w")
    cells = state.run("r").links
    assert links_in(links_text(cells)) == cells
    assert len(inputs_of(cells).model_inputs) + len(outputs_of(cells).model_outputs) <= len(cells)


def test_searches_read_name_digest_and_context() -> None:
    """They read one small text, which many runs share."""
    state = folded(*input_records("r", [wine(**{"mlflow.data.context": "train"})], []))
    text = datasets_text(inputs_of(state.run("r").links))
    assert datasets_in(text) == [("wine", "f9a1", "train")]
    assert datasets_text(inputs_of({})) is None
