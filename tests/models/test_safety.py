"""What a file may do is read off its bytes."""

from __future__ import annotations

import io
import pickle
import zipfile

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from mlflowflow.errors import CorruptData, UnsafeModel
from mlflowflow.models.safety import FormatClass, Parser, modules_named, parser_of, refuse_code


class Bomb:
    """An object whose pickle calls a function when it is loaded."""

    exploded = False

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Ask the loader to call `explode`."""
        return (explode, ())


def explode() -> None:
    """Leave a trace of having been called."""
    Bomb.exploded = True


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", "{}")
    return buffer.getvalue()


def test_archives_are_restricted_and_pickles_are_code() -> None:
    """Skops reads archives; pickle reads the rest."""
    assert parser_of(_archive()) is Parser.SKOPS
    assert parser_of(pickle.dumps(1)) is Parser.PICKLE
    assert Parser.SKOPS.format_class is FormatClass.RESTRICTED
    assert Parser.PICKLE.format_class is FormatClass.CODE


def test_a_pickle_that_ends_as_an_archive_is_still_code() -> None:
    """Archives are found by their end too; what a pickle reader would run decides."""
    assert parser_of(pickle.dumps(1) + _archive()) is Parser.PICKLE


@given(st.binary(max_size=64))
def test_what_is_not_recognised_is_code(data: bytes) -> None:
    """Unknown bytes are never taken for harmless."""
    assert parser_of(data).format_class is FormatClass.CODE or data[:2] == b"PK"


def test_code_is_refused_with_the_way_out() -> None:
    """The refusal names the file and the switch."""
    with pytest.raises(UnsafeModel, match=r"'model\.pkl'.*allow_code=True"):
        refuse_code("model.pkl", found=FormatClass.CODE)
    refuse_code("model.skops", found=FormatClass.RESTRICTED)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_modules_are_found_in_every_protocol(protocol: int) -> None:
    """The modules a model imports can be read off its pickle, old or new."""
    model = [LogisticRegression().fit([[0.0], [1.0]], [0, 1]), LogisticRegression()]
    assert modules_named(pickle.dumps(model, protocol=protocol), name="x") >= {"sklearn", "numpy"}


def test_text_that_looks_like_a_module_is_not_one() -> None:
    """A feature called like a package is no requirement."""
    assert modules_named(pickle.dumps({"scipy": ["torch", "torch"]}), name="x") == frozenset()


def test_functions_kept_by_value_name_their_imports_only() -> None:
    """A function of the caller's own script travels inside the pickle."""
    found = modules_named(cloudpickle.dumps(lambda x: x), name="x")
    assert found <= {"cloudpickle", "builtins", "types"}


def test_looking_does_not_run_the_code() -> None:
    """Reading the module names of a hostile pickle does not load it."""
    assert modules_named(pickle.dumps(Bomb()), name="x") == {"tests"}
    assert Bomb.exploded is False


@pytest.mark.parametrize("data", [b"", b"\xff\xff", pickle.dumps([1, 2])[:-1], b"h\x05."])
def test_bytes_that_are_no_pickle_are_corrupt(data: bytes) -> None:
    """Damage is named with the file."""
    with pytest.raises(CorruptData, match=r"'model\.pkl'"):
        modules_named(data, name="model.pkl")
