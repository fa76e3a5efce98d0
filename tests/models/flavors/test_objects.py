"""Python objects as bytes."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, UnsafeModel
from mlflowflow.models.flavors.objects import check_format, modules_of, read_object, write_object
from tests.models.flavors.things import Thing

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize("form", ["cloudpickle", "pickle", "skops"])
@given(value=st.dictionaries(st.text(min_size=1, max_size=4), st.integers(-(2**40), 2**40), max_size=3))
def test_reading_is_the_inverse_of_writing(form: str, value: Mapping[str, int]) -> None:
    """Whatever the format, the object comes back."""
    assert read_object(write_object(value, form), "model", allow_code=True) == value


def test_a_type_must_be_trusted_by_the_reader() -> None:
    """A type of an archive is harmless because the reader says so, not the archive."""
    data = write_object(Thing(), "skops")
    with pytest.raises(UnsafeModel, match="Thing"):
        read_object(data, "model.skops", allow_code=False)
    trusted = [f"{Thing.__module__}.Thing"]
    assert isinstance(read_object(data, "model.skops", allow_code=False, trusted=trusted), Thing)


def test_the_modules_to_read_an_object() -> None:
    """A pickle names its own; an archive needs the package that reads archives."""
    data = write_object(Thing(), "pickle")
    assert modules_of(data, "pickle", name="m") == {"tests"}
    assert modules_of(data, "cloudpickle", name="m") == {"tests", "cloudpickle"}
    assert modules_of(b"", "skops", name="m") == {"skops"}


def test_a_module_that_is_not_there_is_named() -> None:
    """The error says what to install."""
    data = b"cno_such_module\nThing\n."
    with pytest.raises(NotFound, match="no_such_module"):
        read_object(data, "model.pkl", allow_code=True)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and no archive", pickle.dumps([1, 2])[:-3]])
def test_damage_is_named(data: bytes) -> None:
    """The error names the file."""
    with pytest.raises(CorruptData, match="'m'"):
        read_object(data, "m", allow_code=True)


def test_other_formats_are_refused() -> None:
    """The error lists what there is."""
    check_format("skops")
    with pytest.raises(InvalidInput, match=r"'joblib'.*cloudpickle, pickle, skops"):
        check_format("joblib")
