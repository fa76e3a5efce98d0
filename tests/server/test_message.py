"""What a request's bytes mean, and which mean nothing."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import Int64, Message, Word, from_body, from_query


class Sample(Message):
    """One field of each kind."""

    run_id: Word
    value: float = 0.0
    step: Int64 = 0
    names: tuple[str, ...] = ()
    is_on: bool = False


def read(body: bytes, content_type: str | None = "application/json") -> Sample:
    """Read a body."""
    return from_body(Sample, body, content_type, {})


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"[]",
        b"3",
        b'"{"',
        b"\xff",
        b"[" * 100_000,
        b'{"run_id": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """It is never taken for an empty request, which could mean a change."""
    with pytest.raises(InvalidInput) as caught:
        read(body)
    assert caught.value.get_http_status_code() == 400


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, "'run_id' is missing"),
        ({"run_id": None}, "'run_id' is missing"),
        ({"run_id": ""}, "'run_id' cannot be used"),
        ({"run_id": 1}, "'run_id' cannot be used"),
        ({"run_id": "r", "step": 2**63}, "'step' cannot be used"),
        ({"run_id": "r", "step": 1.5}, "'step' cannot be used"),
        ({"run_id": "r", "step": float("nan")}, "'step' cannot be used"),
        ({"run_id": "r", "names": "a"}, "'names' cannot be used"),
        ({"run_id": "r", "value": "high"}, "'value' cannot be used"),
        ({"run_id": "r", "runId": "r"}, "'run_id' is given under two names"),
    ],
)
def test_a_wrong_field_is_named(said: Any, problem: str) -> None:
    """The message tells which, and nothing is guessed."""
    with pytest.raises(InvalidInput, match=problem):
        read(json.dumps(said).encode())


def test_half_a_surrogate_pair_is_no_text() -> None:
    """No store could keep it."""
    with pytest.raises(InvalidInput, match="run_id"):
        read(b'{"run_id": "\\ud800"}')


def test_unknown_fields_are_ignored_and_other_spellings_understood() -> None:
    """Clients are older or newer than this server."""
    found = read(b'{"runId": "r", "step": "7", "value": "-Infinity", "isOn": true, "new": [1]}')
    assert found == Sample(run_id="r", step=7, value=-math.inf, is_on=True)
    assert read(json.dumps('{"run_id": "r"}').encode(), "Application/JSON; charset=utf-8").run_id == "r"


@pytest.mark.parametrize("kind", [None, "", "text/plain", "multipart/form-data", "application/jsonx"])
def test_a_form_of_a_web_page_is_no_request(kind: str | None) -> None:
    """Browsers send JSON to another site only after asking."""
    with pytest.raises(InvalidInput, match="Content-Type"):
        read(b'{"run_id": "r"}', kind)


def test_a_query_has_lists_and_truths() -> None:
    """Repeated keys are a list, of the others the last counts."""
    query = [("runId", "a"), ("names", "x"), ("names", "y"), ("is_on", "false"), ("step", "1"), ("step", "2")]
    found = from_query(Sample, query, {})
    assert (found.run_id, found.names, found.is_on, found.step) == ("a", ("x", "y"), False, 2)
    with pytest.raises(InvalidInput, match="is_on"):
        from_query(Sample, [("run_id", "a"), ("is_on", "maybe")], {})


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing else happens."""
    with suppress(InvalidInput):
        read(body)
