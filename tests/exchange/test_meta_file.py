"""Reading MLflow's ``meta.yaml`` files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mlflowflow.errors import CorruptData
from mlflowflow.exchange.meta_file import _UNKNOWN, _value, read_meta

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("'7'", "7"),
        ("null", None),
        ("''", ""),
        ("it''s", "it''s"),
        ("'it''s'", "it's"),
        ("file:///a b/c", "file:///a b/c"),
        ("12345678901234567890123456789e12", "12345678901234567890123456789e12"),
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ('"a\\nb"', "a\nb"),
        ("true", True),
        ("1e3", "1e3"),
        ("0x1f", 31),
        ("{a: 1}", {"a": 1}),
    ],
)
def test_values_are_what_mlflow_wrote(text: str, value: object, tmp_path: Path) -> None:
    """YAML 1.1 decides: a run id with one 'e' among digits stays a text."""
    path = tmp_path / "meta.yaml"
    path.write_text(f"key: {text}\nother: x\n")
    assert read_meta(path) == {"key": value, "other": "x"}


def test_long_texts_over_several_lines_are_read(tmp_path: Path) -> None:
    """MLflow's writer breaks lines at 80 columns."""
    path = tmp_path / "meta.yaml"
    path.write_text("name: one\n  two\ntags:\n  a: b\n")
    assert read_meta(path) == {"name": "one two", "tags": {"a": "b"}}


@pytest.mark.parametrize("body", [b"", b"- a\n", b"key: [\n", b"\xff\xfe", b"key: 'a\n"])
def test_what_is_none_is_refused(body: bytes, tmp_path: Path) -> None:
    """A damaged file is named."""
    path = tmp_path / "meta.yaml"
    path.write_bytes(body)
    with pytest.raises(CorruptData, match=r"meta\.yaml"):
        read_meta(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """So is one that vanished."""
    with pytest.raises(CorruptData):
        read_meta(tmp_path / "meta.yaml")


@given(st.text(alphabet=" abe01:#-'\"/.~{}[]&*!|>%@`,_ntrufls", max_size=12))
def test_what_is_read_without_a_parser_is_what_a_parser_reads(text: str) -> None:
    """The short cut never means anything else."""
    found = _value(text)
    if found is not _UNKNOWN and not text[:1].isdigit():  # those the parser takes for numbers of YAML 1.2
        parser = YAML(typ="safe", pure=True)
        parser.version = (1, 1)
        assert parser.load(f"key: {text}") == {"key": found}
