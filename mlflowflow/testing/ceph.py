"""A real S3 server that keeps conditions: Ceph with one monitor, one disk in memory and one gateway.

It takes what Debian's packages ``ceph-mon``, ``ceph-osd`` and ``radosgw`` install and nothing of the
machine's own Ceph: all files lie in a temporary folder, all ports are on the loopback, and what was
stored is gone with the block that started it. Its answers differ from Amazon's where the protocol
leaves room, which is why it is worth the trouble.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.testing.s3 import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from mlflowflow.testing.s3 import S3Server

#: The programs that are started, and the Debian package each is in.
PROGRAMS: Final = {
    "ceph": "ceph-common",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "monmaptool": "ceph-common",
    "radosgw": "radosgw",
    "radosgw-admin": "radosgw",
}
_SETTINGS: Final = """\
[global]
fsid = {fsid}
mon initial members = a
mon host = v2:127.0.0.1:{port}/0
public addr = 127.0.0.1
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
run dir = {folder}
crash dir = {folder}
log file = {folder}/$name.log
admin socket =
pid file =
# nobody else is on the loopback; without keys the client must be told not to insist on encryption
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc secure
# one disk, in memory
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 0
rgw thread pool size = 64
"""
_WAIT_S: Final = 60.0
_POLL_S: Final = 0.1


def missing_packages() -> list[str]:
    """Return the packages to install before a server can be started; empty if all are there."""
    return sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})


@contextmanager
def ceph_server(*, bucket: str) -> Generator[S3Server]:
    """Run a cluster with an empty `bucket` for the length of the block; it is up in some seconds.

    Raises RuntimeError if a package is missing or a daemon does not come up.
    """
    missing = missing_packages()
    if missing:
        raise RuntimeError(f"There is no Ceph here; install {', '.join(missing)}.")
    with tempfile.TemporaryDirectory(prefix="ceph-") as name, ExitStack() as stack:
        cluster = _Cluster(Path(name))
        stack.enter_context(cluster.monitor())
        stack.enter_context(cluster.disk())
        server = stack.enter_context(cluster.gateway())
        cluster.make_bucket(server, bucket)
        yield server


class _Cluster:
    """The daemons of one cluster, whose files lie in one folder."""

    def __init__(self, folder: Path) -> None:
        """Write the settings."""
        self._folder = folder
        self._fsid = str(uuid.uuid4())
        self._port = free_port()
        self._settings = folder / "ceph.conf"
        self._settings.write_text(_SETTINGS.format(fsid=self._fsid, port=self._port, folder=folder))
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()

    @contextmanager
    def monitor(self) -> Generator[None]:
        """Run the monitor, which keeps the map of the cluster."""
        known = str(self._folder / "monmap")
        place = f"[v2:127.0.0.1:{self._port}]"
        self._run("monmaptool", "--create", "--fsid", self._fsid, "--addv", "a", place, known, plain=True)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", known)
        with self._daemon("ceph-mon", "-f", "-i", "a"):
            self._until("health")
            yield

    @contextmanager
    def disk(self) -> Generator[None]:
        """Run the one disk."""
        self._run("ceph", "osd", "create")
        self._run("ceph-osd", "--mkfs", "-i", "0")
        with self._daemon("ceph-osd", "-f", "-i", "0"):
            self._until("osd", "stat", answer="1 up")
            yield

    @contextmanager
    def gateway(self) -> Generator[S3Server]:
        """Run the gateway that speaks S3, with the user that tests have."""
        user = ("--uid=test", "--display-name=test", "--access-key=test", "--secret-key=test")
        self._run("radosgw-admin", "user", "create", *user)

        def command(port: int) -> Sequence[str]:
            place = f"--rgw-frontends=beast endpoint=127.0.0.1:{port}"
            return self._command("radosgw", "-f", "-n", "client.rgw", place)

        with serving(command, advice=f"see the logs in '{self._folder}'") as server:
            yield server

    def make_bucket(self, server: S3Server, name: str) -> None:
        """Make a bucket; a gateway takes no anonymous request for that."""
        from botocore.session import get_session

        client = get_session().create_client(
            "s3",
            endpoint_url=server.endpoint,
            region_name=server.environ["AWS_DEFAULT_REGION"],
            aws_access_key_id=server.environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=server.environ["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket=name)
        client.close()

    def _command(self, program: str, *arguments: str) -> tuple[str, ...]:
        return (program, "-c", str(self._settings), *arguments)

    def _run(self, program: str, *arguments: str, plain: bool = False) -> str:
        command = (program, *arguments) if plain else self._command(program, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=_WAIT_S, check=False)  # noqa: S603 - fixed commands
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    @contextmanager
    def _daemon(self, program: str, *arguments: str) -> Generator[None]:
        silent = subprocess.DEVNULL
        process = subprocess.Popen(self._command(program, *arguments), stdout=silent, stderr=silent)  # noqa: S603 - fixed commands
        try:
            yield
        finally:
            process.kill()  # what it keeps is not wanted any more
            process.wait()

    def _until(self, *question: str, answer: str = "") -> None:
        """Ask the monitor until it answers so. Raises RuntimeError if it does not."""
        clock = SystemClock()
        deadline = clock.monotonic_s() + _WAIT_S
        told = ""
        while clock.monotonic_s() < deadline:
            told = self._run("ceph", "--connect-timeout", "30", *question)
            if answer in told:
                return
            clock.sleep(_POLL_S)
        raise RuntimeError(f"Ceph did not come up: {told}")


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing_packages()))
