"""Parquet files as datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.data import from_parquet
from mlflowflow.data.parquet_dataset import read_footers
from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.models.schema import AnyType, ArrayType, DataType
from mlflowflow.storage.location import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROWS = {"acid": [0.1, 0.2, 0.3], "good": [0, 1, 0]}


def _write(path: Path, columns: Mapping[str, Any] = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path)
    return path


def test_a_folder_is_known_by_all_its_files(tmp_path: Path) -> None:
    """Files below it count, in any depth, and other files do not."""
    _write(tmp_path / "d" / "a.parquet")
    _write(tmp_path / "d" / "deep" / "b.parquet")
    (tmp_path / "d" / "note.txt").write_text("x")
    _write(tmp_path / "d2.parquet")
    dataset = from_parquet(tmp_path / "d", targets="good")
    profile = dataset.profile
    assert (profile["num_files"], profile["num_rows"], profile["num_elements"]) == (2, 6, 12)
    assert [footer.path for footer in dataset.footers] == ["a.parquet", "deep/b.parquet"]
    assert dataset.to_dict()["source_type"] == "local"


def test_the_digest_tells_files_apart(tmp_path: Path) -> None:
    """Other values, another name and one file more make another dataset; a copy elsewhere does not."""
    one = from_parquet(_write(tmp_path / "1" / "a.parquet").parent).digest
    copy = from_parquet(_write(tmp_path / "2" / "a.parquet").parent).digest
    other = from_parquet(_write(tmp_path / "3" / "a.parquet", {**ROWS, "good": [0, 1, 2]}).parent).digest
    named = from_parquet(_write(tmp_path / "4" / "b.parquet").parent).digest
    _write(tmp_path / "2" / "b.parquet")
    more = from_parquet(tmp_path / "2").digest
    assert one == copy
    assert len({one, other, named, more}) == 4
    assert len(one) == 16


def test_rows_are_read_only_on_demand(tmp_path: Path) -> None:
    """With damaged pages the dataset is known all the same; asking for rows is another matter."""
    path = _write(tmp_path / "a.parquet")
    good = path.read_bytes()
    path.write_bytes(good[:4] + b"\xff" * 8 + good[12:])
    dataset = from_parquet(path)
    assert dataset.profile["num_rows"] == 3
    with pytest.raises(OSError, match=r"."):
        dataset.df  # noqa: B018 - reading it is the act


def test_an_evaluation_gets_the_rows(tmp_path: Path) -> None:
    """All files are read then, and parted."""
    _write(tmp_path / "a.parquet")
    _write(tmp_path / "b.parquet")
    dataset = from_parquet(tmp_path, targets="good", name="wine")
    parts = dataset.to_evaluation_dataset()
    assert (len(parts), parts.feature_names, parts.name) == (6, ["acid"], "wine")
    assert (dataset.targets, dataset.predictions) == ("good", None)


@pytest.mark.s3
def test_a_bucket_is_read_by_ranges(s3_url: str, tmp_path: Path) -> None:
    """One object and a prefix; a local copy of the same folder has the same digest."""
    path = _write(tmp_path / "d" / "a.parquet")
    open_store(s3_url).put("d/a.parquet", path.read_bytes())
    remote = from_parquet(f"{s3_url}/d/a.parquet")
    assert remote.profile == from_parquet(path).profile
    assert remote.digest == from_parquet(path).digest
    assert remote.to_dict()["source_type"] == "s3"
    below = read_footers(f"{s3_url}/d")
    assert [footer.content for footer in below] == [footer.content for footer in read_footers(str(path))]


def test_columns_have_mlflows_types(tmp_path: Path) -> None:
    """Types come from the file's own declaration."""
    columns = {
        "b": pa.array([True]),
        "i": pa.array([1], pa.int16()),
        "l": pa.array([1], pa.int64()),
        "f": pa.array([1.0], pa.float32()),
        "s": pa.array(["x"]),
        "c": pa.array(["x"]).dictionary_encode(),
        "y": pa.array([b"x"]),
        "t": pa.array([0], pa.timestamp("us")),
        "a": pa.array([[1.0]]),
        "u": pa.array([1], pa.uint64()),
    }
    found = from_parquet(_write(tmp_path / "a.parquet", columns)).schema.columns
    assert [column.type for column in found] == [
        DataType.BOOLEAN,
        DataType.INTEGER,
        DataType.LONG,
        DataType.FLOAT,
        DataType.STRING,
        DataType.STRING,
        DataType.BINARY,
        DataType.DATETIME,
        ArrayType(DataType.DOUBLE),
        AnyType(),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"x" * 100, b"PAR1" + b"\xff\xff\xff\x7fPAR1", b"PAR1abcd\x04\0\0\0PAR1"]
)
def test_a_file_that_is_no_parquet_file_is_named(tmp_path: Path, content: bytes) -> None:
    """Too short, without its end, with a footer longer than itself, or one that says nothing."""
    (tmp_path / "bad.parquet").write_bytes(content)
    with pytest.raises(CorruptData, match=r"bad\.parquet"):
        from_parquet(tmp_path)


def test_no_files_and_no_column(tmp_path: Path) -> None:
    """A place without Parquet files and a column that is not there make no dataset."""
    with pytest.raises(NotFound):
        from_parquet(tmp_path)
    with pytest.raises(NotFound):
        from_parquet(tmp_path / "none.parquet")
    with pytest.raises(InvalidInput, match="'goods'"):
        from_parquet(_write(tmp_path / "a.parquet"), targets="goods")
