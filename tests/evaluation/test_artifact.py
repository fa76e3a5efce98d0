"""Files of evaluations."""

from __future__ import annotations

import io
import pickle
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.artifact import (
    EvaluationArtifact,
    JsonEvaluationArtifact,
    NumpyEvaluationArtifact,
    PickleEvaluationArtifact,
    kind_of,
    render,
)

if TYPE_CHECKING:
    from pathlib import Path


def _content(rendered: Any) -> Any:
    return kind_of(f"x{rendered.suffix}")("x", read=lambda: rendered.data).content


def test_plain_things_come_back_as_they_were() -> None:
    """Tables, arrays, values and texts of JSON survive their file."""
    table = pd.DataFrame({"a": [1, 2]})
    pd.testing.assert_frame_equal(_content(render("t", table)), table)
    assert _content(render("a", np.arange(3))).tolist() == [0, 1, 2]
    assert _content(render("v", {"a": np.float64(0.5), "b": np.arange(2)})) == {"a": 0.5, "b": [0, 1]}
    assert _content(render("j", '{"a": 1}')) == {"a": 1}


def test_a_figure_is_a_picture() -> None:
    """Its content is an image that was read to its end."""
    assert _content(render("f", Figure(figsize=(1, 1)))).size == (100, 100)


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.txt", b"hello"), ("a.json", b"[1]"), ("a.csv", b"a\n1\n"), ("a.npy", None), ("a.parquet", None)],
)
def test_a_path_is_copied(tmp_path: Path, name: str, data: bytes | None) -> None:
    """The file goes along as it is, and its suffix says how it is read."""
    path = tmp_path / name
    if name.endswith(".parquet"):
        pd.DataFrame({"a": [1]}).to_parquet(path)
    elif data is None:
        np.save(path, np.arange(2))
    else:
        path.write_bytes(data)
    for given in (path, str(path)):
        rendered = render("x", given)
        assert (rendered.suffix, rendered.data) == (path.suffix, path.read_bytes())
        assert _content(rendered) is not None


def test_other_objects_are_pickled_and_never_read() -> None:
    """Its content is known where it was made; from a file it is refused, for that would run code."""
    rendered = render("o", {1, 2})
    assert (rendered.suffix, pickle.loads(rendered.data)) == (".pickle", {1, 2})
    assert PickleEvaluationArtifact("x", rendered.content).content == {1, 2}
    with pytest.raises(InvalidInput, match="runs code"):
        PickleEvaluationArtifact("x", read=lambda: rendered.data).content  # noqa: B018 - reading is the act


@pytest.mark.parametrize("found", ["neither", "x" * 5000, "a\0b", threading.Lock(), np.array([object()])])
def test_what_cannot_be_written_is_refused(found: Any) -> None:
    """The sentence names the artifact."""
    with pytest.raises(InvalidInput, match="'mine'"):
        render("mine", found)


def test_a_path_to_nothing_or_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """A folder, a file that is not there, and a file nobody could read."""
    (tmp_path / "a.exe").touch()
    for path in (tmp_path, tmp_path / "none.csv", tmp_path / "a.exe"):
        with pytest.raises(InvalidInput, match="'mine'"):
            render("mine", path)


def test_an_array_of_objects_is_not_read() -> None:
    """A file that somebody put there cannot run code either."""
    file = io.BytesIO()
    np.save(file, np.array([{}]), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        NumpyEvaluationArtifact.parse(file.getvalue())


def test_an_artifact_is_read_once() -> None:
    """A second look at the content costs nothing, and an address alone has none."""
    reads: list[int] = []

    def read() -> bytes:
        reads.append(1)
        return b'{"a": 1}'

    artifact = JsonEvaluationArtifact("s3://bucket/run/x.json", read=read)
    assert artifact.content == artifact.content == {"a": 1}
    assert (len(reads), artifact.file_name) == (1, "x.json")
    assert repr(artifact) == "JsonEvaluationArtifact(uri='s3://bucket/run/x.json')"
    with pytest.raises(InvalidInput, match="only the address"):
        EvaluationArtifact("x").content  # noqa: B018 - reading is the act
