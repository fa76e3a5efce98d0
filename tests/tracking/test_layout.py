"""Keys: made in one place, read back, and never leading out of their folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.key import check_key
from mlflowflow.tracking.layout import (
    artifacts_prefix,
    experiment_key,
    metrics_part_key,
    name_key,
    parse_segment_key,
    part_folder,
    run_key,
    segment_key,
)

_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)


@given(_IDS, st.from_regex(r"[0-9a-f]{16}", fullmatch=True), st.integers(0, 10**10 - 1))
def test_a_segments_key_says_whose_it_is(experiment_id: str, writer: str, seq: int) -> None:
    """Writer and number are read back from the key."""
    key = check_key(segment_key(experiment_id, writer=writer, seq=seq))
    assert parse_segment_key(key) == (writer, seq)


@pytest.mark.parametrize(
    "key", ["exp/0/hot/w.1.parquet", "exp/0/hot/x", "exp/0/runs/w.0000000001.parquet", ""]
)
def test_foreign_keys_are_no_segments(key: str) -> None:
    """What was not made here is not read as if it were."""
    assert parse_segment_key(key) is None


def test_a_part_says_which_folder_it_is_in() -> None:
    """Parts of every kind are known by their names."""
    names = [metrics_part_key("0", "00000000000000ff-token"), "exp/0/later/00000000000000ff-token.parquet"]
    assert [part_folder(name) for name in names] == ["exp/0/metrics/", "exp/0/later/"]


@pytest.mark.parametrize("folder", ["hot/", "log/", "", "metrics/deep/", "../"])
def test_foreign_files_are_no_parts(folder: str) -> None:
    """What is no part is not in a folder of parts, and is never touched."""
    assert part_folder(f"exp/0/{folder}00000000000000ff-token.parquet") is None
    assert part_folder("exp/0/metrics/notes.parquet") is None


@pytest.mark.parametrize("experiment_id", ["", "..", "a/b", "a\0", "é", "-a", "x" * 200])
def test_impossible_experiment_ids_are_refused(experiment_id: str) -> None:
    """No id makes a key outside its folder."""
    with pytest.raises(InvalidInput, match="cannot be an experiment id"):
        experiment_key(experiment_id)
    with pytest.raises(InvalidInput):
        artifacts_prefix(experiment_id, "r")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_any_name_makes_a_key(name: str) -> None:
    """Names of experiments and runs are encoded, never trusted."""
    assert check_key(name_key(name)).startswith("names/")
    assert check_key(run_key(name)).startswith("runs/")
