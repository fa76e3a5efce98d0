"""One runs part: the same rows however they are read."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.table import runs_part
from mlflowflow.tracking.table.fold import UNSTARTED, RunState, Stamp, point
from mlflowflow.tracking.table.links import Text
from mlflowflow.tracking.table.runs_file import RunsFile
from mlflowflow.tracking.table.runs_part import encode_rows, encode_runs, rows_of, states_of


def states(count: int) -> list[RunState]:
    """Return runs whose params repeat and whose names do not; every fifth was never begun."""
    return [
        RunState(
            run_id=f"{number:04d}",
            started=UNSTARTED if number % 5 == 4 else Stamp(number, "w", "ada", number),
            metrics={"m": point(0, 0, number / 7)},
            params={"p": Text(1, "w", False, str(number % 3))},
            tags={"name": Text(1, "w", False, f"run {number}")},
        )
        for number in range(count)
    ]


def opened(count: int) -> RunsFile:
    """Return a file of `count` such runs."""
    return RunsFile(encode_runs(states(count), inputs=""), key="k")


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten rows be a row group."""
    monkeypatch.setattr(runs_part, "RUN_ROWS_PER_GROUP", 10)


@pytest.mark.parametrize("rows", [[0], [95, 3, 94, 3], [11, 99, 45, 0, 77, 23, 61, 30]])
def test_rows_are_the_same_from_few_groups_and_from_whole_columns(rows: list[int]) -> None:
    """Whether a group or everything is decoded is a matter of speed alone."""
    expected = [states(100)[row] for row in rows]
    fresh, used = opened(100), opened(100)
    used.columns(sorted(used.names))
    for file in (fresh, used):
        assert states_of(file.take(rows, sorted(file.names))) == expected


@pytest.mark.parametrize("count", [3, 90])
def test_runs_are_found_by_id_whether_few_or_many_are_asked_for(count: int) -> None:
    """Bisection and hashing find the same; what is not there is left out."""
    wanted = [f"{number:04d}" for number in range(50, 50 + count)]
    found = opened(100).find([*wanted, "", "0005x", "zzz"])
    assert found == {run_id: int(run_id) for run_id in wanted if int(run_id) < 100}


def test_columns_are_decoded_once_and_weigh_what_they_take() -> None:
    """A file grows with what is asked of it; a column that it does not have costs nothing."""
    file = opened(100)
    before = file.weight
    (column,) = file.columns(["metrics.m", "metrics.none"]).values()
    assert column.to_pylist() == [number / 7 for number in range(100)]
    assert file.weight == before + column.nbytes
    assert file.columns(["metrics.m"])["metrics.m"] is column


def test_texts_that_repeat_are_dictionaries_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dictionary of a thousand names for a thousand runs would only be in the way."""
    monkeypatch.setattr(runs_part, "RUN_ROWS_PER_GROUP", 50)
    file = opened(100)
    params, names = file.columns(["params.p", "tags.name"]).values()
    assert pa.types.is_dictionary(params.type)
    assert len(params.dictionary) == 3
    assert pa.types.is_string(names.type)


def test_a_run_exists_if_it_was_begun() -> None:
    """Records may be folded before the beginning they belong to."""
    assert opened(10).exists.to_pylist() == [number % 5 != 4 for number in range(10)]


def test_damage_is_noticed_where_it_is_read() -> None:
    """Neither a damaged footer nor a damaged page is read as something else."""
    body = bytearray(encode_runs(states(100), inputs=""))
    with pytest.raises(CorruptData, match="k"):
        RunsFile(bytes(body[:-20]) + bytes([body[-20] ^ 1]) + bytes(body[-19:]), key="k")
    noticed = 0
    for place in range(100, len(body) // 2, 53):
        body[place] ^= 1
        file = RunsFile(bytes(body), key="k")
        try:
            assert states_of(file.take(list(range(100)), sorted(file.names))) == states(100)
        except CorruptData:
            noticed += 1
        body[place] ^= 1
    assert noticed > 0


def test_a_column_without_its_companion_is_damage() -> None:
    """A name in a footer of the first release, which has no checksum, may be a wrong one."""
    table = rows_of(states(2))
    table = table.rename_columns(
        [name.replace("tags_at.name", "tags_at.nama") for name in table.column_names]
    )
    with pytest.raises(CorruptData, match=r"it lacks the column 'tags_at\.name'"):
        RunsFile(encode_rows(table, inputs=""), key="k")


def test_a_flipped_bit_in_the_header_of_a_page_is_damage_and_no_crash() -> None:
    """Headers have no checksum: a column may come out short, or a dictionary without its words."""
    data = encode_runs(states(3), inputs="")
    whole = states_of(RunsFile(data, key="k").take([0, 1, 2], sorted(opened(3).names)))
    refused = 0
    for bit in range(0, 8 * len(data), 13):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            file = RunsFile(bytes(damaged), key="k")
            assert len(file.run_ids) == len(file.exists) == 3
            assert states_of(file.take([0, 1, 2], sorted(file.names))) == whole
        except CorruptData:
            refused += 1
    assert refused > 4 * len(data) / 13
