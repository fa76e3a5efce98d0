"""Talking to an MLflow server: one place for addresses, credentials, retries and refusals.

A question is asked again while the server is busy, away or in trouble, with growing pauses. A change is
asked for again only where it is certain that nothing came of it: no connection, or an answer that says
"later". So nothing is created twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from mlflowflow.clock import SystemClock
from mlflowflow.errors import CorruptData, InvalidInput, NotFound, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from mlflowflow.clock import Clock
    from mlflowflow.config import ServerCredentials

_API: Final = "/api/2.0/"
#: How long to wait before asking again, in seconds.
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
#: The server says: later. Nothing was done.
_LATER: Final = frozenset({429, 503})
_SERVER_TROUBLE: Final = 500
_REFUSED: Final = 400
_NO_ACCESS: Final = frozenset({401, 403})
_ABSENT: Final = 404
_TIMEOUT_SECONDS: Final = 120.0
_PART: Final = 1 << 20


class Rest:
    """One server at `url`."""

    def __init__(
        self,
        url: str,
        *,
        credentials: ServerCredentials | None = None,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Talk to the server at `url`, as whom `credentials` say; `transport` is for tests."""
        self.url = url.rstrip("/")
        self._clock = clock or SystemClock()
        headers, auth = {}, None
        if credentials is not None and credentials.username:
            auth = (credentials.username, credentials.password or "")
        elif credentials is not None and credentials.token:
            headers["Authorization"] = f"Bearer {credentials.token}"
        self._client = httpx.Client(
            headers=headers, auth=auth, timeout=_TIMEOUT_SECONDS, transport=transport, follow_redirects=True
        )

    def get(self, path: str, /, **params: Any) -> dict[str, Any]:
        """Ask a question. Raises `NotFound`, `InvalidInput`, `StoreUnavailable`, `CorruptData`."""
        return self._json(self._asked(lambda: self._client.get(self._at(path), params=params), again=True))

    def search(self, path: str, /, **body: Any) -> dict[str, Any]:
        """Ask a question that comes in a body."""
        return self._json(self._asked(lambda: self._client.post(self._at(path), json=body), again=True))

    def change(self, path: str, method: str = "POST", /, **body: Any) -> dict[str, Any]:
        """Ask for a change."""
        return self._json(self._asked(lambda: self._client.request(method, self._at(path), json=body)))

    def pages(self, path: str, of: str, /, *, method: str = "POST", **asked: Any) -> Iterator[dict[str, Any]]:
        """Yield what is under the name `of` on all pages of an answer."""
        token: str | None = None
        while True:
            more = {**asked, **({"page_token": token} if token else {})}
            page = self.get(path, **more) if method == "GET" else self.search(path, **more)
            yield from page.get(of) or ()
            token = page.get("next_page_token")
            if not token:
                return

    def download(self, path: str, target: Path) -> None:
        """Write what lies at `path` to the file `target`, part by part. Raises as `get` does."""

        def fetch() -> httpx.Response:
            with self._client.stream("GET", self._at(path)) as answer:
                if answer.status_code < _REFUSED:
                    with target.open("wb") as file:
                        file.writelines(answer.iter_bytes(_PART))
                else:
                    answer.read()
                return answer

        self._asked(fetch, again=True)

    def upload(self, path: str, file: BinaryIO) -> None:
        """Write all of `file` to `path`, part by part; doing it twice is harmless."""

        def send() -> httpx.Response:
            file.seek(0)
            return self._client.put(self._at(path), content=iter(lambda: file.read(_PART), b""))

        self._asked(send, again=True)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _at(self, path: str) -> str:
        return f"{self.url}{_API}{path}"

    def _asked(self, ask: Callable[[], httpx.Response], *, again: bool = False) -> httpx.Response:
        """Return a good answer, asking more than once if that is safe."""
        reason = ""
        for pause in (*_PAUSES, None):
            try:
                answer = ask()
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                reason = f"nobody answers there ({error})"
            except httpx.HTTPError as error:
                reason = f"the connection broke ({error!r})"
                if not again:
                    break
            else:
                status = answer.status_code
                if status < _REFUSED:
                    return answer
                if status not in _LATER and not (again and status >= _SERVER_TROUBLE):
                    raise self._refusal(answer)
                reason = f"it answered {status}"
            if pause is not None:
                self._clock.sleep(pause)
        raise StoreUnavailable(self.url, reason)

    def _refusal(self, answer: httpx.Response) -> Exception:
        try:
            told: Mapping[str, Any] = answer.json()
            code, message = str(told["error_code"]), str(told["message"])
        except (ValueError, KeyError, TypeError):
            code, message = "", answer.text[:200]
        if answer.status_code in _NO_ACCESS:
            return InvalidInput(
                f"The server '{self.url}' gives no access ({answer.status_code}). Set "
                "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN."
            )
        if answer.status_code == _ABSENT:
            return NotFound("answer", str(answer.request.url), hint=message)
        if answer.status_code >= _SERVER_TROUBLE:
            return StoreUnavailable(self.url, f"it answered {answer.status_code}: {message}")
        return InvalidInput(f"The server '{self.url}' refused it ({code or answer.status_code}): {message}")

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            found = answer.json() if answer.content else {}
        except ValueError as error:
            raise CorruptData(str(answer.request.url), "the answer is not MLflow's, it is no JSON") from error
        if not isinstance(found, dict):
            raise CorruptData(str(answer.request.url), "the answer is not MLflow's")
        return found
