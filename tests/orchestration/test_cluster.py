"""Where flows run: what is read, what is opened, what is said when nothing answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import distributed
import pytest
from dask.system import CPU_COUNT
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import ClusterUnavailable, InvalidInput
from mlflowflow.orchestration.cluster import (
    SHORT_NAMES,
    ClusterSpec,
    DescribedCluster,
    ExistingCluster,
    LocalCluster,
    OpenCluster,
    open_cluster,
    parse_cluster,
    task_runner,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (None, LocalCluster()),
        ("local", LocalCluster()),
        ("local:3", LocalCluster(workers=3)),
        ("tcp://10.0.0.5:8786", ExistingCluster(address="tcp://10.0.0.5:8786")),
        ("tls://host:1", ExistingCluster(address="tls://host:1")),
    ],
)
def test_short_forms_are_read(text: str | None, spec: ClusterSpec) -> None:
    """The usual places need no file."""
    assert parse_cluster(text) == spec


@given(workers=st.integers(min_value=1, max_value=10_000))
def test_any_number_of_workers_is_read_back(workers: int) -> None:
    """What is written after the colon is the number."""
    assert parse_cluster(f"local:{workers}") == LocalCluster(workers=workers)


def test_a_file_describes_any_cluster(tmp_path: Path) -> None:
    """Short names stand for their classes; missing sections are empty."""
    file = tmp_path / "cluster.yaml"
    file.write_text("class: slurm\nkwargs: {cores: 4}\nadapt: {minimum: 1, maximum: 8}\n")
    assert parse_cluster(str(file)) == DescribedCluster(
        class_name=SHORT_NAMES["slurm"], kwargs={"cores": 4}, adapt={"minimum": 1, "maximum": 8}
    )


@pytest.mark.parametrize(
    "text", ["local:0", "local:-1", "local:", "local:many", "nowhere.yaml", "10.0.0.5:8786"]
)
def test_what_is_no_cluster_is_refused_with_the_forms_that_are(text: str) -> None:
    """The sentence repeats what was given."""
    with pytest.raises(InvalidInput, match="is no cluster: expected 'local', 'local:<workers>'") as caught:
        parse_cluster(text)
    assert f"'{text}'" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("kwargs: {}", "must be a mapping with the key class"),
        ("- class", "must be a mapping with the key class"),
        ("class: local\nkwarg: {}", "must be a mapping with the key class"),
        ("class: [", "is not valid YAML"),
        ("", "must be a mapping with the key class"),
    ],
)
def test_a_wrong_cluster_file_is_refused_with_its_name(tmp_path: Path, content: str, sentence: str) -> None:
    """A misspelt key is not passed over."""
    file = tmp_path / "cluster.yaml"
    file.write_text(content)
    with pytest.raises(InvalidInput, match=sentence) as caught:
        parse_cluster(str(file))
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("name", ["nobody.has.This", "distributed.NoSuchCluster", "plain"])
def test_a_class_that_is_not_installed_is_named(name: str) -> None:
    """The sentence says what to install, or which names are known."""
    with (
        pytest.raises(ClusterUnavailable, match=f"'{name}' cannot be imported.*Install the package"),
        open_cluster(DescribedCluster(class_name=name)),
    ):
        pass


def test_a_cluster_that_refuses_its_arguments_is_named_with_them() -> None:
    """A mistake in the file is a sentence about the file."""
    described = DescribedCluster(class_name="distributed.SSHCluster", kwargs={"hosts": []})
    with (
        pytest.raises(ClusterUnavailable, match=r"could not be started with .*'hosts': .*cluster file"),
        open_cluster(described),
    ):
        pass


def test_an_address_that_cannot_be_reached_is_named_with_the_next_step() -> None:
    """So is the way to do without a cluster of one's own."""
    with (
        pytest.raises(
            ClusterUnavailable, match=r"No Dask scheduler answers at 'tcp://h'.*leave out --cluster"
        ),
        open_cluster(ExistingCluster(address="tcp://h")),
    ):
        pass


@pytest.mark.parametrize("address", ["tls://127.0.0.1:9", "wss://127.0.0.1:9"])
def test_an_encrypted_cluster_is_not_tried_without_certificates(address: str) -> None:
    """The sentence says where to name them."""
    with (
        pytest.raises(ClusterUnavailable, match=f"'{address}' wants TLS.*distributed.comm.tls"),
        open_cluster(ExistingCluster(address=address)),
    ):
        pass


def test_a_running_cluster_is_used_and_left_running(cluster: OpenCluster) -> None:
    """Nobody's shared cluster is closed behind them."""
    for _ in range(2):
        with open_cluster(ExistingCluster(address=cluster.address)) as reached:
            assert (reached.address, reached.workers) == (cluster.address, 2)


def test_a_described_cluster_is_made_scaled_and_closed() -> None:
    """Its class gets its arguments; afterwards nothing answers at its address."""
    described = DescribedCluster(
        class_name=SHORT_NAMES["local"],
        kwargs={"n_workers": 0, "processes": False, "protocol": "tcp://", "dashboard_address": "127.0.0.1:0"},
        workers=1,
    )
    with open_cluster(described) as opened:
        assert opened.workers == 1
    gone = ExistingCluster(address=opened.address)
    with pytest.raises(ClusterUnavailable, match="No Dask scheduler answers"), open_cluster(gone):
        pass


def test_a_local_cluster_listens_on_loopback_only(cluster: OpenCluster) -> None:
    """Its ports run pickled code and ask for no password."""
    assert cluster.address.startswith("tcp://127.0.0.1:")
    assert cluster.dashboard.startswith("http://127.0.0.1:")


def test_workers_have_one_thread_and_start_no_prefect_server_of_their_own(
    client: distributed.Client,
) -> None:
    """Steps are processes; code beside a task fails without an API instead of starting one."""
    threads: Any = client.nthreads()
    settings: Any = client.run(_ephemeral_servers)
    assert (set(threads.values()), set(settings.values())) == ({1}, {"false"})


def _ephemeral_servers() -> str | None:
    import os

    return os.environ.get("PREFECT_SERVER_EPHEMERAL_ENABLED")


def test_without_a_number_every_processor_gets_a_worker() -> None:
    """A flow that makes its cluster itself uses the machine."""
    runner: Any = task_runner(LocalCluster())
    assert runner.cluster_kwargs["n_workers"] == CPU_COUNT


@pytest.mark.parametrize(
    "spec",
    [
        LocalCluster(workers=1),
        ExistingCluster(address="tcp://h:1"),
        DescribedCluster(class_name="distributed.LocalCluster", adapt={"maximum": 2}),
        OpenCluster(address="tcp://h:1", client_kwargs={}, dashboard="", workers=1),
    ],
    ids=lambda spec: type(spec).__name__,
)
def test_every_kind_of_cluster_makes_a_task_runner_without_reaching_for_it(
    spec: ClusterSpec | OpenCluster,
) -> None:
    """A flow can be compiled and deployed far from its cluster."""
    assert type(task_runner(spec)).__name__ == "DaskTaskRunner"


def test_a_cluster_may_grow_from_nothing_when_there_is_work() -> None:
    """It is open without a worker; waiting for the first would be waiting for ever."""
    spec = DescribedCluster(
        class_name="distributed.LocalCluster",
        kwargs={
            "n_workers": 0,
            "threads_per_worker": 1,
            "host": "127.0.0.1",
            "dashboard_address": "127.0.0.1:0",
        },
        adapt={"minimum": 0, "maximum": 1, "interval": "50ms"},
    )
    with open_cluster(spec) as opened:
        assert opened.workers == 0
        with distributed.Client(opened.address, set_as_default=False) as client:
            assert client.submit(abs, -7).result(timeout=60) == 7
