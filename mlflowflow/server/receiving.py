"""Taking a request's bytes into a file of this machine, a few at a time.

Nothing is kept of a request that breaks off.
"""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import Request


@asynccontextmanager
async def received(request: Request, *, most: int | None = None) -> AsyncGenerator[Path]:
    """Give the file that holds a request's body for as long as the context is open.

    Raises `InvalidInput` for a body of more than `most` bytes.
    """
    size = 0
    with tempfile.NamedTemporaryFile(prefix="mlff-upload-") as file:
        async for piece in request.stream():
            size += len(piece)
            if most is not None and size > most:
                raise InvalidInput(f"The file is larger than {most} bytes; send it with a client of MLflow.")
            await run_in_threadpool(file.write, piece)
        await run_in_threadpool(file.flush)
        yield Path(file.name)
