"""What a failed request to an object store means, as one small fact.

Client libraries name one and the same answer differently from server to server, so an answer is
judged by its HTTP status, and the lack of one by the phase in which the connection failed. Two
questions matter: may the request have been applied, and may another attempt help? Where it is not
certain that nothing was applied, it is taken as perhaps applied.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast

_TIMEOUT: Final = 408
_CONFLICT: Final = 409
_REFUSED: Final = 412
_THROTTLED: Final = 429
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_NOT_FOUND: Final = 404
_EMPTY_RANGE: Final = 416
_DENIED: Final = frozenset({401, 403})
#: What S3 says of credentials that were good once, with status 400.
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"})
_PASSING: Final = frozenset({_TIMEOUT, _CONFLICT, _REFUSED, _THROTTLED, 500, 502, 503, 504})
#: Local errors that no other attempt will change.
_LASTING: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EINVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One failed request.

    `reason` is a phrase for people; `status` is the HTTP status, or None if there was no answer;
    `passing` says that another attempt may help, and `wait_s` how long the server asks to wait before it;
    `denied` says that other credentials may.
    """

    reason: str
    status: int | None = None
    perhaps_applied: bool = False
    passing: bool = False
    missing_object: bool = False
    denied: bool = False
    wait_s: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether the store says that the condition does not hold."""
        return self.status in {_CONFLICT, _REFUSED}

    @property
    def unsupported(self) -> bool:
        """Whether the store does not know what it was asked for."""
        return self.status == _NOT_IMPLEMENTED

    @property
    def nothing_there(self) -> bool:
        """Whether the range asked for holds no bytes."""
        return self.status == _EMPTY_RANGE


def understand(error: BaseException, *, bucket: str) -> Trouble:
    """Return what `error`, raised by a request to `bucket`, means.

    >>> understand(PermissionError("no"), bucket="runs").passing
    False
    >>> understand(TimeoutError(), bucket="runs").perhaps_applied
    True
    """
    from botocore.exceptions import BotoCoreError

    answer = _answer(error)
    if answer is not None:
        trouble = _answered(*answer, bucket=bucket)
        return replace(trouble, wait_s=asked_wait_s(_headers(error)))
    match error:
        case BotoCoreError():  # first, because some of these are OSErrors too
            return _unanswered(error)
        case FileExistsError():
            return Trouble(reason="the object exists", status=_REFUSED, passing=True)
        case FileNotFoundError():
            return Trouble(reason=_sentence(error), missing_object=True)
        case OSError() if error.errno in _LASTING or isinstance(error, PermissionError):
            return Trouble(reason=_sentence(error))
        case _:
            return Trouble(reason=_sentence(error), perhaps_applied=True, passing=True)


def _answered(status: int, code: str, message: str, *, bucket: str) -> Trouble:
    if code == "NoSuchBucket":
        return Trouble(
            reason=f"there is no bucket '{bucket}'; create it or correct the address", status=status
        )
    if status in _DENIED or code in _EXPIRED:
        reason = (
            f"access to '{bucket}' is denied ({code}: {message.strip().rstrip('.')}); check the credentials, and "
            "that they may get, put, list and delete objects"
        )
        return Trouble(reason=reason, status=status, denied=True)
    return Trouble(
        reason=f"it answered {status} {code} {message}".strip().rstrip("."),
        status=status,
        perhaps_applied=status == _TIMEOUT or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED),
        passing=status in _PASSING,
        missing_object=status == _NOT_FOUND,
    )


def _unanswered(error: BaseException) -> Trouble:
    """Judge an error of botocore that no answer came with, by the phase it happened in."""
    from botocore import exceptions as boto

    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            hint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            return Trouble(reason=f"{_sentence(error)}; {hint}", denied=True)
        case boto.ConnectTimeoutError() | boto.ProxyConnectionError() | boto.SSLError():
            return Trouble(reason=_sentence(error), passing=True)
        case boto.EndpointConnectionError():
            return Trouble(reason=_sentence(error), passing=True, perhaps_applied=not _never_connected(error))
        case (
            boto.HTTPClientError()
            | boto.IncompleteReadError()
            | boto.ChecksumError()
            | boto.FlexibleChecksumError()
        ):
            return Trouble(reason=_sentence(error), passing=True, perhaps_applied=True)
        case _:  # refused before anything was sent
            return Trouble(reason=_sentence(error))


def _never_connected(error: Any) -> bool:
    """Tell a failed connection from one that broke: aiobotocore gives both the same class."""
    import aiohttp

    return isinstance(error.kwargs.get("error"), aiohttp.ClientConnectorError | socket.gaierror)


def _answer(error: BaseException) -> tuple[int, str, str] | None:
    """Return status, code and message, if the server answered at all."""
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    if isinstance(response, Mapping):
        fields = cast("Mapping[str, Any]", response)
        told = fields.get("Error", {})
        status = int(fields.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return (status, str(told.get("Code", "")), str(told.get("Message", ""))) if status else None
    number: object = getattr(error, "code", getattr(error, "status_code", None))  # gcsfs, Azure
    return (number, type(error).__name__, str(error)) if isinstance(number, int) else None


def asked_wait_s(headers: Mapping[str, str]) -> float:
    """Return how many seconds an answer with these (lower-case) headers asks to wait, 0.0 if it does not.

    >>> asked_wait_s({"retry-after": "3"}), asked_wait_s({})
    (3.0, 0.0)

    A date is compared with the answer's own, so that nobody's clock matters but the server's.
    """
    told = headers.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        until, now = (parsedate_to_datetime(text) for text in (told, headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0


def _headers(error: BaseException) -> Mapping[str, str]:
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    if not isinstance(response, Mapping):
        return {}
    metadata = cast("Mapping[str, Any]", response).get("ResponseMetadata", {})
    return cast("Mapping[str, str]", metadata.get("HTTPHeaders", {}))


def _sentence(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).rstrip(".")
