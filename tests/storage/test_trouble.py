"""What failed requests mean: was it applied, and does it help to try again?"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import aiohttp
import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.storage.trouble import Trouble, asked_wait_s, understand

if TYPE_CHECKING:
    from collections.abc import Mapping


def answered(status: int, code: str = "Code", message: str = "Message.") -> Trouble:
    """Return what an answer of S3 means."""
    response: Mapping[str, object] = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return understand(boto.ClientError(response, "PutObject"), bucket="runs")


def facts(trouble: Trouble) -> tuple[bool, bool]:
    """Return whether it was perhaps applied, and whether another attempt may help."""
    return trouble.perhaps_applied, trouble.passing


@pytest.mark.parametrize(
    ("status", "perhaps_applied", "passing"),
    [
        (400, False, False),
        (401, False, False),
        (403, False, False),
        (404, False, False),
        (408, True, True),
        (409, False, True),
        (412, False, True),
        (416, False, False),
        (429, False, True),
        (500, True, True),
        (501, False, False),
        (502, True, True),
        (503, True, True),
        (504, True, True),
    ],
)
def test_status_decides(status: int, perhaps_applied: bool, passing: bool) -> None:
    """An answer is judged by its status, whatever the server calls it."""
    assert facts(answered(status)) == (perhaps_applied, passing)


@given(st.integers(400, 599), st.text(), st.text())
def test_every_answer_is_understood(status: int, code: str, message: str) -> None:
    """No answer is misunderstood so far that its status is lost."""
    assert answered(status, code, message).status == status


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "Unauthorized"), (403, "AccessDenied"), (403, "SignatureDoesNotMatch"), (400, "ExpiredToken")],
)
def test_refused_credentials_are_known_whatever_the_status(status: int, code: str) -> None:
    """Other credentials may help, another attempt with the same ones does not."""
    trouble = answered(status, code)
    assert (trouble.denied, facts(trouble), code in trouble.reason) == (True, (False, False), True)
    assert understand(boto.NoCredentialsError(), bucket="runs").denied
    assert not answered(400, "InvalidRequest").denied


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "soon"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT", "date": "Thu, 01 Jan 1970 00:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT", "date": "Thu, 01 Jan 1970 00:00:30 GMT"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00", "date": "Thu, 01 Jan 1970 00:00:30 GMT"}, 0.0),
    ],
)
def test_a_wait_that_is_asked_for_is_read(headers: Mapping[str, str], seconds: float) -> None:
    """In seconds or as a date, by the server's own clock; what cannot be read asks for nothing."""
    assert asked_wait_s(headers) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text()))
def test_any_header_is_survived(headers: dict[str, str]) -> None:
    """Nothing that a server sends makes a wait negative or an error of our own."""
    assert asked_wait_s(headers) >= 0.0


def test_translated_error_keeps_its_answer() -> None:
    """An error that s3fs put into Python's words is judged by the answer it came from."""
    error = OSError(errno.EINVAL, "Invalid argument")
    error.__cause__ = boto.ClientError(
        {"Error": {"Code": "PreconditionFailed"}, "ResponseMetadata": {"HTTPStatusCode": 412}}, "PutObject"
    )
    assert understand(error, bucket="runs").refused


def test_absent_key_is_told_from_absent_bucket() -> None:
    """Both are 404; only one means that the object is not there."""
    troubles = answered(404, "NoSuchKey"), answered(404, "NoSuchBucket")
    assert [trouble.missing_object for trouble in troubles] == [True, False]


def test_reasons_are_phrases() -> None:
    """A reason goes into a sentence that ends by itself."""
    assert answered(500, "InternalError", "Try again.").reason == "it answered 500 InternalError Try again"


@pytest.mark.parametrize(
    ("error", "perhaps_applied", "passing"),
    [
        (boto.NoCredentialsError(), False, False),
        (boto.ParamValidationError(report="x"), False, False),
        (boto.ConnectTimeoutError(endpoint_url="x"), False, True),
        (boto.SSLError(endpoint_url="x", error="x"), False, True),
        (boto.EndpointConnectionError(endpoint_url="x", error=aiohttp.ClientOSError()), True, True),
        (boto.EndpointConnectionError(endpoint_url="x", error=OSError()), True, True),
        (boto.ReadTimeoutError(endpoint_url="x"), True, True),
        (boto.ConnectionClosedError(endpoint_url="x"), True, True),
        (boto.ResponseStreamingError(error="x"), True, True),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), True, True),
        (boto.FlexibleChecksumError(error_msg="x"), True, True),
        (ResponseParserError(), True, True),
        (aiohttp.ClientPayloadError(), True, True),
        (TimeoutError(), True, True),
        (ConnectionResetError(), True, True),
        (PermissionError(), False, False),
        (OSError(errno.EROFS, "x"), False, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_phase_decides_without_an_answer(error: Exception, perhaps_applied: bool, passing: bool) -> None:
    """Without an answer it counts how far the request came; in doubt it was perhaps applied."""
    assert facts(understand(error, bucket="runs")) == (perhaps_applied, passing)


@pytest.mark.parametrize("attribute", ["code", "status_code"])
def test_other_packages_statuses_are_found(attribute: str) -> None:
    """Google's and Azure's errors carry their status as a number."""
    error = Exception("x")
    setattr(error, attribute, 412)
    assert understand(error, bucket="runs").refused
