"""Where steps and trials run: a Dask cluster of our own, a running one, or one described in a file.

A cluster file is YAML::

    class: dask_jobqueue.SLURMCluster   # any Dask cluster class, or a short name from `SHORT_NAMES`
    kwargs: {cores: 4, memory: 8GB}     # its arguments
    adapt: {minimum: 1, maximum: 8}     # optional: grow and shrink; or `workers: 4` for a fixed size
    client: {}                          # optional: arguments of distributed.Client, such as security

Scheduler and workers run pickled code and the dashboard asks for no password: keep their ports on
loopback or a private network, or use TLS. The default cluster listens on loopback only.
"""

from __future__ import annotations

import importlib
import logging
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import distributed
from dask.system import CPU_COUNT
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlflowflow.errors import ClusterUnavailable, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from prefect.futures import PrefectFuture
    from prefect.task_runners import TaskRunner

#: Short names for cluster classes of Dask's own packages.
SHORT_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "local": "distributed.LocalCluster",
        "slurm": "dask_jobqueue.SLURMCluster",
        "pbs": "dask_jobqueue.PBSCluster",
        "lsf": "dask_jobqueue.LSFCluster",
        "sge": "dask_jobqueue.SGECluster",
        "kubernetes": "dask_kubernetes.operator.KubeCluster",
        "fargate": "dask_cloudprovider.aws.FargateCluster",
    }
)
_ENCRYPTED: Final = ("tls://", "wss://")
_SCHEMES: Final = ("tcp://", "ws://", *_ENCRYPTED)
_KEYS: Final = frozenset({"class", "kwargs", "adapt", "workers", "client"})
_CONNECT_SECONDS: Final = 15
_WORKER_SECONDS: Final = 300


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCluster:
    """Worker processes on this machine, one thread each; as many as it has processors by default."""

    workers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingCluster:
    """A scheduler that runs already, at `address`."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedCluster:
    """A cluster to be made from a class and its arguments."""

    class_name: str
    kwargs: Mapping[str, Any] = field(default_factory=_nothing)
    adapt: Mapping[str, Any] | None = None
    workers: int | None = None
    client: Mapping[str, Any] = field(default_factory=_nothing)


ClusterSpec = LocalCluster | ExistingCluster | DescribedCluster


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCluster:
    """A cluster that answers: its scheduler's `address`, the arguments of a client, its dashboard."""

    address: str
    client_kwargs: Mapping[str, Any]
    dashboard: str
    workers: int


def parse_cluster(text: str | None) -> ClusterSpec:
    """Read what ``--cluster`` says: nothing or ``local``, ``local:4``, an address, or a file.

    >>> parse_cluster("tcp://127.0.0.1:8786")
    ExistingCluster(address='tcp://127.0.0.1:8786')
    >>> parse_cluster("local:4")
    LocalCluster(workers=4)
    """
    if text is None or text == "local":
        return LocalCluster()
    if text.startswith(_SCHEMES):
        return ExistingCluster(address=text)
    kind, _, count = text.partition(":")
    if kind == "local" and count.isdigit() and int(count) > 0:
        return LocalCluster(workers=int(count))
    return _read_cluster_file(Path(text))


def _read_cluster_file(path: Path) -> DescribedCluster:
    if not path.is_file():
        raise InvalidInput(
            f"'{path}' is no cluster: expected 'local', 'local:<workers>', a scheduler's address such as "
            "'tcp://10.0.0.5:8786', or a YAML file with the keys class and kwargs."
        )
    try:
        content: object = YAML(typ="safe", pure=True).load(path)
    except YAMLError as error:
        raise InvalidInput(f"The cluster file '{path}' is not valid YAML: {error}") from error
    if (
        not isinstance(content, dict)
        or "class" not in content
        or not set(cast("dict[str, Any]", content)) <= _KEYS
    ):
        raise InvalidInput(
            f"The cluster file '{path}' must be a mapping with the key class and, optionally, "
            f"{', '.join(sorted(_KEYS - {'class'}))}."
        )
    read = cast("dict[str, Any]", content)
    return DescribedCluster(
        class_name=SHORT_NAMES.get(str(read["class"]), str(read["class"])),
        kwargs=read.get("kwargs") or {},
        adapt=read.get("adapt"),
        workers=read.get("workers"),
        client=read.get("client") or {},
    )


def task_runner(spec: ClusterSpec | OpenCluster) -> TaskRunner[PrefectFuture[Any]]:
    """Return what makes a flow run its submitted tasks on the cluster.

    With a `ClusterSpec` the flow makes and closes the cluster itself, as a deployment does.
    """
    from prefect_dask.task_runners import DaskTaskRunner  # brings all of Prefect, which only flows need

    runner: Any
    match spec:
        case OpenCluster(address=address, client_kwargs=client_kwargs):
            runner = DaskTaskRunner(address=address, client_kwargs=dict(client_kwargs))
        case ExistingCluster(address=address):
            runner = DaskTaskRunner(address=address)
        case LocalCluster():
            runner = DaskTaskRunner(
                cluster_class=distributed.LocalCluster, cluster_kwargs=_local_kwargs(spec)
            )
        case _:
            runner = DaskTaskRunner(
                cluster_class=spec.class_name,
                cluster_kwargs=dict(spec.kwargs),
                adapt_kwargs=dict(spec.adapt) if spec.adapt else None,
                client_kwargs=dict(spec.client),
            )
    checked: TaskRunner[PrefectFuture[Any]] = runner  # prefect-dask leaves the class's parameter open
    return checked


@contextmanager
def open_cluster(spec: ClusterSpec) -> Generator[OpenCluster]:
    """Make or reach the cluster, wait for a first worker, and close what was made.

    A cluster that may shrink to no worker at all gets its first when there is work. Raises
    `ClusterUnavailable` with the next step.
    """
    with ExitStack() as stack:
        client_kwargs = spec.client if isinstance(spec, DescribedCluster) else _nothing()
        yield _reach(_start(stack, spec), client_kwargs, from_nothing=_grows_from_nothing(spec))


def _grows_from_nothing(spec: ClusterSpec) -> bool:
    return isinstance(spec, DescribedCluster) and spec.adapt is not None and not spec.adapt.get("minimum")


def _start(stack: ExitStack, spec: ClusterSpec) -> str:
    match spec:
        case LocalCluster():
            return _start_local(stack, spec)
        case ExistingCluster():
            return spec.address
        case DescribedCluster():
            return _start_described(stack, spec)


def _start_local(stack: ExitStack, spec: LocalCluster) -> str:
    cluster: Any = stack.enter_context(distributed.LocalCluster(**_local_kwargs(spec)))
    return str(cluster.scheduler_address)


def _local_kwargs(spec: LocalCluster) -> dict[str, Any]:
    return {
        "n_workers": spec.workers or CPU_COUNT,
        "threads_per_worker": 1,
        "host": "127.0.0.1",
        "dashboard_address": "127.0.0.1:0",
        # A step's memory is its own process's; Dask sees only small messages and must not pause on them.
        "memory_limit": 0,
        "silence_logs": logging.CRITICAL,
        "preload": ["mlflowflow.orchestration.worker_preload"],
        # The flow's settings travel with every task. This is for what runs beside tasks: without an
        # address such code must fail, not start a Prefect server in the worker.
        "env": {
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        },
    }


def _start_described(stack: ExitStack, spec: DescribedCluster) -> str:
    make = _cluster_class(spec.class_name)
    try:
        cluster: Any = stack.enter_context(make(**spec.kwargs))
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise ClusterUnavailable(
            f"The cluster '{spec.class_name}' could not be started with {dict(spec.kwargs)}: {error}. "
            "Check the kwargs of the cluster file."
        ) from error
    if spec.adapt is not None:
        cluster.adapt(**spec.adapt)
    elif spec.workers is not None:
        cluster.scale(spec.workers)
    return str(cluster.scheduler_address)


def _cluster_class(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ClusterUnavailable(
            f"The cluster class '{dotted}' cannot be imported: {error}. Install the package that has it, or use "
            f"one of the short names {', '.join(sorted(SHORT_NAMES))}."
        ) from error


def _demand_listener(address: str) -> None:
    """Raise OSError or ValueError if nothing listens at the address.

    Asked before a client is made: one that could not connect stays half-made, and may hold up
    whatever happens to collect it for a minute.
    """
    if not address.startswith(_SCHEMES):  # a cluster of this process, inproc://
        return
    parts = urlsplit(address)
    if not parts.hostname or parts.port is None:
        raise ValueError("it has no host and port, such as tcp://10.0.0.5:8786")
    socket.create_connection((parts.hostname, parts.port), timeout=_CONNECT_SECONDS).close()


def _reach(address: str, client_kwargs: Mapping[str, Any], *, from_nothing: bool = False) -> OpenCluster:
    _demand_certificates(address, client_kwargs)
    try:
        _demand_listener(address)
        client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, **client_kwargs)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterUnavailable(
            f"No Dask scheduler answers at '{address}': {error}. Start one with 'dask scheduler' and workers with "
            f"'dask worker {address}', or leave out --cluster to run on this machine."
        ) from error
    with client:
        try:
            if not from_nothing:
                client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError as error:
            raise ClusterUnavailable(
                f"The Dask scheduler at '{address}' had no worker within {_WORKER_SECONDS} s. "
                f"Start one with 'dask worker {address}'."
            ) from error
        workers = client.scheduler_info(n_workers=-1)["workers"]
        return OpenCluster(
            address=address,
            client_kwargs=client_kwargs,
            dashboard=str(client.dashboard_link),
            workers=len(workers),
        )


def _demand_certificates(address: str, client_kwargs: Mapping[str, Any]) -> None:
    """Refuse what a client would find out itself, but only half made, and then take a minute to close."""
    configured: dict[str, Any] = distributed.Security().get_connection_args("client")
    if address.startswith(_ENCRYPTED) and "security" not in client_kwargs and not configured["ssl_context"]:
        raise ClusterUnavailable(
            f"The Dask scheduler at '{address}' wants TLS, and there are no certificates to show it. Name them in "
            "Dask's configuration (distributed.comm.tls), or under client in a cluster file."
        )
