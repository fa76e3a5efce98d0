"""Errors of ours are told and go no further."""

from __future__ import annotations

import logging

import pytest

from mlflowflow.autologging.care import Care


@pytest.mark.usefixtures("in_use")
def test_an_error_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The warning names the library, what failed and the error."""
    with Care(flavor="sklearn").attempt("log the model"):
        raise ValueError("disk full")
    assert [each.getMessage() for each in caplog.records] == [
        "Autologging of sklearn could not log the model (ValueError: disk full)."
    ]


@pytest.mark.usefixtures("in_use")
def test_silence_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged, whether notes or warnings."""
    caplog.set_level(logging.INFO)
    care = Care(flavor="sklearn", silent=True)
    with care.attempt("log the model"):
        raise ValueError("no")
    care.inform("made %s", "a run")
    assert not caplog.records


@pytest.mark.usefixtures("in_use")
def test_what_ends_the_program_passes() -> None:
    """Ctrl-C while something is logged is not swallowed."""
    with pytest.raises(KeyboardInterrupt), Care(flavor="sklearn").attempt("log the model"):
        raise KeyboardInterrupt


def test_errors_are_raised_while_testing() -> None:
    """A test sees what a user would only be told."""
    with pytest.raises(ValueError, match="no"), Care(flavor="sklearn").attempt("log the model"):
        raise ValueError("no")
