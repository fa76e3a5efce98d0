"""What the test server's process runs: moto, with conditional writes one at a time.

moto looks whether a key exists and writes it a moment later, and serves every request in a thread of
its own; so of eight that race to create one key, now and then two are told that they won (measured:
1 race in 300). S3 promises one winner, and what is tested against the server rests on that.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def one_creation_at_a_time(app: WSGIApplication) -> WSGIApplication:
    """Return `app` with requests that carry ``If-None-Match`` put in a row; all others pass freely."""
    turn = threading.Lock()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "PUT" or "HTTP_IF_NONE_MATCH" not in environ:
            return app(environ, start_response)
        with turn:
            return list(app(environ, start_response))

    return serve


def main(host: str, port: int) -> None:
    """Serve S3 at `host` and `port` until the process ends."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    app = one_creation_at_a_time(DomainDispatcherApplication(create_backend_app))
    run_simple(host, port, app, threaded=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
