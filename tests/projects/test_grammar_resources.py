"""Classes of resources arrive with their units, or with what is wrong with them."""

from __future__ import annotations

import pytest

from mlflowflow.projects.sweep_spec import Resources
from tests.projects.examples import CHURN, mistakes, project, wrong

TRAIN = "train: {cpu: 2, memory: 4GiB, price_per_hour: 0.09, dask: {TRAIN: 1}}"


def test_whole_resources() -> None:
    """Everything that is written arrives, and what is not costs nothing."""
    assert project(CHURN).resources == {
        "small": Resources(name="small", cpu=0.5),
        "train": Resources(
            name="train", cpu=2, memory_bytes=4 * 2**30, price_per_hour=0.09, dask={"TRAIN": 1}
        ),
    }


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        (
            "train: {cpus: 2, price_per_hour: 0.1}",
            [
                (
                    "Resources 'train' has an unknown key 'cpus'. Did you mean 'cpu'? "
                    "Known keys: cpu, dask, memory, price_per_hour."
                )
            ],
        ),
        (
            "train: {cpu: two, memory: much, price_per_hour: [1], dask: {TRAIN: x}}",
            [
                "'cpu' of resources 'train' is the text 'two'; expected a finite number.",
                (
                    "'memory' of resources 'train' is the text 'much'; expected an amount of memory such as "
                    '"512MiB" or "2GiB" (a number is bytes).'
                ),
                "'price_per_hour' of resources 'train' is a list; expected a finite number.",
                "'TRAIN' in 'dask' of resources 'train' is the text 'x'; expected a finite number.",
            ],
        ),
        (
            "train: {cpu: 0, price_per_hour: -1}",
            [
                "Resources 'train' has the price_per_hour -1.0; expected 0 or more.",
                "Resources 'train' has the cpu 0.0; expected more than 0.",
            ],
        ),
        ("train: large", ["Resources 'train' is the text 'large'; expected a mapping."]),
    ],
)
def test_mistakes(new: str, sentences: list[str]) -> None:
    """Each mistake is told where it is, and the sweep that names the resources adds none."""
    assert wrong(TRAIN, new, text=CHURN) == sentences


def test_a_name_that_cannot_be_used() -> None:
    """Names are those of everything else in the file."""
    (mistake,) = wrong("  small: {cpu: 0.5}", "  my class: {cpu: 0.5}", text=CHURN)
    assert mistake.startswith("The name of resources 'my class' cannot be used;")


def test_others_may_use_the_word() -> None:
    """A file of another tool with a section of this name is left alone."""
    assert project("resources: {jobs: 5}\n").resources == {}
    (mistake,) = mistakes("resources: {a: {cpu: 1}}\nsweeps: {}\n")
    assert "'resources', 'sweeps' would not be read" in mistake
