"""Files that appear when they are complete, and that nobody ever sees the half of.

Whoever finds a file takes it for whole. So its bytes are written under another name beside it, and a
rename gives it its own; what fails or is interrupted on the way leaves what was there before.
"""

from __future__ import annotations

import random
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

#: Not the module's own state: what a background thread draws must not change what a program draws.
_RANDOM: Final = random.SystemRandom()


@contextmanager
def appearing(path: Path) -> Generator[Path]:
    """Give an empty file beside `path`; it becomes `path` at the end of the block, or goes if that fails.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with appearing(Path(folder, "a")) as unfinished:
    ...         size = unfinished.write_bytes(b"all of it")
    ...     Path(folder, "a").read_bytes()
    b'all of it'

    Raises what the system raises, before the block where no file can be made.
    """
    unfinished = path.with_name(f".{_RANDOM.getrandbits(64):016x}.part")  # short, however long the name is
    unfinished.touch(exist_ok=False)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
