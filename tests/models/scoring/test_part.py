"""Answering one part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.errors import InvalidInput, StepFailed
from mlflowflow.models.enforcement import enforce
from mlflowflow.models.scoring.part import MARK, answered, sample_schema, write_tables
from mlflowflow.models.scoring.plan import Part, describe_file, make_plan
from mlflowflow.models.signature import infer_signature
from tests.models.scoring.data import ALL, Doubler, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Checking(Doubler):
    """Hold the data against the signature first, as loaded models do."""

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Refuse what does not fit."""
        return super().predict(enforce(self.signature, data), params)


def _parts(path: Path, rows: int = 100) -> tuple[Part, ...]:
    return make_plan([describe_file(path)], model="m", question=ALL, rows_per_part=rows).parts


def test_rows_keep_their_order_and_their_key(tmp_path: Path) -> None:
    """Batches cross row groups; the key stands beside its answer."""
    path = write(tmp_path / "a.parquet", list(range(10)), group=3)
    question = replace(ALL, columns=("x",), keep=("id",), params={"factor": 3})
    tables = list(answered(_parts(path)[0], Doubler(), question))
    assert [table.num_rows for table in tables] == [4, 4, 2]
    assert pa.concat_tables(tables).to_pydict() == {
        "id": list(range(10)),
        "x": [3 * x for x in range(10)],
    }


def test_a_part_is_its_row_groups_only(tmp_path: Path) -> None:
    """Together the parts are the file, once."""
    path = write(tmp_path / "a.parquet", list(range(10)), group=3)
    found = [
        value
        for part in _parts(path, rows=3)
        for table in answered(part, Doubler(), ALL)
        for value in table["x"].to_pylist()
    ]
    assert found == [2 * x for x in range(10)]


def test_the_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    """The number is counted in the file, over the parts before."""
    path = write(tmp_path / "a.parquet", [0.0, 1, 2, 3, 4, 5, 6.5, 7, 8], group=3)
    whole = infer_signature([{"x": True}])
    with pytest.raises(InvalidInput, match=r"a\.parquet', row 3: The column 'x'"):
        list(answered(_parts(path, rows=3)[1], Checking(signature=whole), ALL))


def test_the_first_row_of_several_bad_ones_is_named(tmp_path: Path) -> None:
    """A value that is too large for the promised type is found among those that fit."""
    values = [1, 2, 2**40, 4, 2**50]
    path = write(tmp_path / "a.parquet", values, group=9)
    narrow = infer_signature(pd.DataFrame({"x": np.array([1], dtype="int32")}))
    with pytest.raises(InvalidInput, match=r"row 2: The column 'x'"):
        list(answered(_parts(path)[0], Checking(signature=narrow), replace(ALL, batch_rows=9)))


def test_a_model_that_fails_is_named_with_its_rows(tmp_path: Path) -> None:
    """The model's own error is told, with where it happened."""
    path = write(tmp_path / "a.parquet", [0, 1, 2, 3, 4, 13, 6, 7])
    with pytest.raises(StepFailed, match=r"a\.parquet', rows 4 to 7' failed: RuntimeError: unlucky"):
        list(answered(_parts(path)[0], Doubler(), ALL))


def test_an_answer_of_another_type_is_refused(tmp_path: Path) -> None:
    """A file has one type for each column; values that do not fit it are not bent."""
    path = write(tmp_path / "a.parquet", [1.25, 2.5])
    part = _parts(path)[0]
    schema = pa.schema({"x": pa.int64()})
    with pytest.raises(InvalidInput, match="rows 0 to 1: the answers do not fit"):
        list(answered(part, Doubler(), ALL, schema=schema))
    wide = pa.schema({"x": pa.float64()})
    assert next(answered(part, Doubler(), ALL, schema=wide)).schema == wide


def test_a_name_cannot_be_two_columns(tmp_path: Path) -> None:
    """The model answers with a column that is also kept."""
    path = write(tmp_path / "a.parquet", [1])
    with pytest.raises(InvalidInput, match="has a column 'x', as the kept columns have"):
        list(answered(_parts(path)[0], Doubler(), replace(ALL, keep=("x",))))


def test_the_columns_are_known_from_a_few_rows(tmp_path: Path) -> None:
    """A sample of a large part is enough."""
    path = write(tmp_path / "a.parquet", [1.5] * 1000, group=1000)
    schema = sample_schema(_parts(path)[0], Doubler(), replace(ALL, keep=("id",), batch_rows=1000))
    assert schema == pa.schema({"id": pa.int64(), "x": pa.float64()})


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    """The mark is in the footer, the rows are counted."""
    schema = pa.schema({"x": pa.int64()})
    tables = iter([pa.table({"x": [1, 2]}), pa.table({"x": [3]})])
    assert write_tables(tables, tmp_path / "o", schema=schema, mark="job:3") == 3
    assert pq.read_metadata(tmp_path / "o").metadata[MARK] == b"job:3"
    assert pq.read_table(tmp_path / "o")["x"].to_pylist() == [1, 2, 3]
