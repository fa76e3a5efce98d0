"""Settings, read once from the environment at the edge and passed on as one frozen value.

=============================== ==================================================================
``MLFLOWFLOW_TRACKING_URI``     where runs are stored: a directory, ``s3://bucket/prefix``, …
``MLFLOWFLOW_REGISTRY_URI``     where models are registered, if not in the tracking store
``MLFLOWFLOW_EXPERIMENT_NAME``  the experiment of runs that name none
``MLFLOWFLOW_EXPERIMENT_ID``    the same by id; wins over the name
``MLFLOWFLOW_RUN_ID``           the run a started process belongs to; its first ``start_run`` resumes it
``MLFLOWFLOW_ATTEMPT``          which attempt of that run the process is, if the run is tried again
``MLFLOWFLOW_SPOOL_DIR``        where acknowledged records wait for upload
``MLFLOWFLOW_SPOOL_BYTES``      how many bytes of them may wait in one process; default 4 GiB
``MLFLOWFLOW_ON_SPOOL_FULL``    what a log call then does: ``raise`` (default), ``block`` or ``drop``
``MLFLOWFLOW_DURABILITY``       what a returned log call survives: nothing (``memory``), the end of the
                                process (``process``, the default), the power (``disk``), the loss of
                                the machine (``store``)
``MLFLOWFLOW_PROJECT``          the project that ``flows/`` compile, instead of the bundled example
``MLFLOWFLOW_CLUSTER``          where flows run, as ``mlff run --cluster`` takes it
``MLFLOWFLOW_USER``             who acts, for the registry's history; default the login name
``MLFLOWFLOW_SERVER_TOKEN``     what callers of ``mlff server`` must send
``MLFLOWFLOW_TRIAL_METRIC``     set for a trial of a sweep: the metric whose points decide about its end,
``MLFLOWFLOW_TRIAL_REPORTS``    the file that tells the sweep of them,
``MLFLOWFLOW_TRIAL_PRUNE``      and the file that is there once the trial shall end early
=============================== ==================================================================

What scripts and launchers written for MLflow set counts too, where ours is not set:
``MLFLOW_TRACKING_URI``, ``MLFLOW_REGISTRY_URI``, ``MLFLOW_EXPERIMENT_NAME``, ``MLFLOW_EXPERIMENT_ID``,
``MLFLOW_RUN_ID``, ``MLFLOW_ACTIVE_MODEL_ID``, ``MLFLOW_ENABLE_ASYNC_LOGGING``,
``MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING``. An experiment's name and id are taken from the same family of
variables.

This is the only module that reads the environment.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

DEFAULT_TRACKING_URI = "./mlff-data"
_ASYNC = "MLFLOW_ENABLE_ASYNC_LOGGING"
_SYSTEM_METRICS = "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"
SAMPLING_INTERVAL = "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"
SAMPLES_BEFORE_LOGGING = "MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING"
NODE_ID = "MLFLOW_SYSTEM_METRICS_NODE_ID"
#: How MLflow's server tells its workers where runs and proxied files are kept, and what it says by default.
_SERVED_STORE = "_MLFLOW_SERVER_FILE_STORE"
_SERVED_FILES = "_MLFLOW_SERVER_ARTIFACT_DESTINATION"
_SERVED_ROOT = "_MLFLOW_SERVER_ARTIFACT_ROOT"
_FILES_BESIDE_THE_SERVER = "./mlartifacts"
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
#: What switches said when they were last read: asking the environment costs more than logging a point.
_KNOWN: dict[str, bool] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment said, in types.

    >>> Settings.from_environ({"MLFLOWFLOW_TRACKING_URI": "s3://bucket/ml"}).tracking_uri
    's3://bucket/ml'
    """

    tracking_uri: str = DEFAULT_TRACKING_URI
    registry_uri: str | None = None
    experiment_name: str | None = None
    experiment_id: str | None = None
    run_id: str | None = None
    attempt: int | None = None
    active_model_id: str | None = None
    spool_dir: Path | None = None
    spool_bytes: int | None = None
    on_spool_full: str = "raise"
    durability: str = "process"
    project: str | None = None
    cluster: str | None = None
    user: str = "unknown"
    server_token: str | None = None

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str] | None = None, *, without_mlflow: bool = False
    ) -> Settings:
        """Read `environ`, by default the process's own; an empty variable counts as unset.

        Raises `InvalidInput` for a number or a truth that is none. MLflow's own variables do not count
        `without_mlflow`: in a program of MLflow they say what MLflow is to do.
        """
        env = {key: value for key, value in (os.environ if environ is None else environ).items() if value}
        if without_mlflow:
            env = {key: value for key, value in env.items() if not key.startswith("MLFLOW_")}
        spool = env.get("MLFLOWFLOW_SPOOL_DIR")
        return cls(
            tracking_uri=_either(env, "TRACKING_URI") or DEFAULT_TRACKING_URI,
            registry_uri=_either(env, "REGISTRY_URI"),
            experiment_name=_experiment(env, "NAME"),
            experiment_id=_experiment(env, "ID"),
            run_id=_either(env, "RUN_ID"),
            attempt=_number(env, "MLFLOWFLOW_ATTEMPT", "an attempt, such as 2"),
            active_model_id=_either(env, "ACTIVE_MODEL_ID"),
            spool_dir=Path(spool) if spool else None,
            spool_bytes=_number(env, "MLFLOWFLOW_SPOOL_BYTES", "a number of bytes, such as 4294967296"),
            on_spool_full=env.get("MLFLOWFLOW_ON_SPOOL_FULL", "raise"),
            durability=env.get("MLFLOWFLOW_DURABILITY", "process"),
            project=env.get("MLFLOWFLOW_PROJECT"),
            cluster=env.get("MLFLOWFLOW_CLUSTER"),
            user=env.get("MLFLOWFLOW_USER") or _login_name(),
            server_token=env.get("MLFLOWFLOW_SERVER_TOKEN"),
        )


def async_logging_wanted() -> bool:
    """Return whether log calls that do not say it themselves are queued (``MLFLOW_ENABLE_ASYNC_LOGGING``)."""
    return _truth(os.environ, _ASYNC)


def async_logging_known() -> bool:
    """Return the same as it was when it was last read or set, for those who ask a million times.

    Raises `InvalidInput` for a truth that is none.
    """
    known = _KNOWN.get(_ASYNC)
    if known is None:
        known = _KNOWN[_ASYNC] = async_logging_wanted()
    return known


def forget_switches() -> None:
    """Look into the environment again at the next question: a run begins."""
    _KNOWN.clear()


def enable_async_logging(enable: bool = True) -> None:
    """Queue log calls that do not say it themselves, here and in processes started from here.

    >>> enable_async_logging()
    >>> async_logging_wanted()
    True
    >>> enable_async_logging(False)
    """
    os.environ[_ASYNC] = str(enable).lower()
    forget_switches()


def system_metrics_wanted() -> bool:
    """Return whether runs that do not say it themselves log the machine's load."""
    return _truth(os.environ, _SYSTEM_METRICS)


def enable_system_metrics_logging(enable: bool = True) -> None:
    """Log the machine's load with runs that do not say it themselves, here and in processes started here."""
    os.environ[_SYSTEM_METRICS] = str(enable).lower()


def prefect_ui(environ: Mapping[str, str] | None = None) -> str | None:
    """Return where Prefect's pages are, as its own variables in `environ` say, or None.

    >>> prefect_ui({"PREFECT_API_URL": "http://127.0.0.1:4200/api/"})
    'http://127.0.0.1:4200'
    """
    env = os.environ if environ is None else environ
    shown = env.get("PREFECT_UI_URL", "").rstrip("/")
    api = env.get("PREFECT_API_URL", "").rstrip("/")
    return shown or (api.removesuffix("/api") if api.endswith("/api") else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the machine's load is sampled: every how many seconds, how many make a point, and its node.

    >>> Sampling.from_environ({"MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": "1.5"}).interval_s
    1.5
    """

    interval_s: float = 10.0
    samples: int = 1
    node_id: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Sampling:
        """Read `environ`, by default the process's own; what is no positive number counts as unset."""
        env = os.environ if environ is None else environ
        return cls(
            interval_s=_positive(env.get(SAMPLING_INTERVAL, "")) or 10.0,
            samples=int(_positive(env.get(SAMPLES_BEFORE_LOGGING, ""))) or 1,
            node_id=env.get(NODE_ID) or None,
        )


def set_sampling(name: str, value: object) -> None:
    """Set one of the variables of `Sampling`, here and in processes started here; None removes it."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialChannel:
    """How a process that is the trial `run_id` of a sweep talks to its launcher: by two files.

    The points of `metric` are told in `reports`; the trial shall end early once `prune` exists. Either
    may be missing.

    >>> TrialChannel.from_environ({}) is None
    True
    """

    run_id: str
    metric: str = ""
    reports: Path | None = None
    prune: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> TrialChannel | None:
        """Read `environ`, by default the process's own; None if the process is no trial."""
        env = os.environ if environ is None else environ
        run_id, metric = env.get("MLFLOWFLOW_RUN_ID"), env.get("MLFLOWFLOW_TRIAL_METRIC")
        reports, prune = env.get("MLFLOWFLOW_TRIAL_REPORTS"), env.get("MLFLOWFLOW_TRIAL_PRUNE")
        if not run_id or not (reports or prune):
            return None
        return cls(
            run_id=run_id,
            metric=metric or "",
            reports=Path(reports) if reports and metric else None,
            prune=Path(prune) if prune else None,
        )

    def environ(self) -> dict[str, str]:
        """Return the variables that say this to a process about to be started; what is missing is empty."""
        return {
            "MLFLOWFLOW_TRIAL_METRIC": self.metric,
            "MLFLOWFLOW_TRIAL_REPORTS": str(self.reports or ""),
            "MLFLOWFLOW_TRIAL_PRUNE": str(self.prune or ""),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCredentials:
    """As whom to speak to an MLflow server: a name and a password, or a token.

    >>> ServerCredentials.from_environ({"MLFLOW_TRACKING_USERNAME": "ada"}).username
    'ada'
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> ServerCredentials:
        """Read ``MLFLOW_TRACKING_USERNAME``, ``_PASSWORD`` and ``_TOKEN``; an empty one counts as unset."""
        env = os.environ if environ is None else environ
        username, password, token = (
            env.get(f"MLFLOW_TRACKING_{name}") or None for name in ("USERNAME", "PASSWORD", "TOKEN")
        )
        return cls(username=username, password=password, token=token)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 < number < float("inf") else 0.0


def variables(prefixes: tuple[str, ...] = ("MLFLOW_", "MLFLOWFLOW_")) -> dict[str, str]:
    """Return what the environment says to this library, by name."""
    return {key: os.environ[key] for key in sorted(os.environ) if key.startswith(prefixes)}


def child_environ(extra: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `extra` on top, for a process about to be started."""
    return {**os.environ, **extra}


def autologging_is_tested(environ: Mapping[str, str] | None = None) -> bool:
    """Answer whether errors of autologging are to be raised, not only told, as its tests want them.

    >>> autologging_is_tested({"MLFLOW_AUTOLOGGING_TESTING": "true"})
    True
    """
    env = os.environ if environ is None else environ
    names = ("MLFLOWFLOW_AUTOLOGGING_TESTING", "MLFLOW_AUTOLOGGING_TESTING")
    return any(env.get(name, "").lower() in {"true", "1"} for name in names)


def keep_proxied_files_in_the_store(environ: MutableMapping[str, str] | None = None) -> None:
    """Let a worker of MLflow's server keep files in the store in which it keeps runs, if that is one of ours.

    A server that was told another place for files keeps them there.

    >>> environ = {"_MLFLOW_SERVER_FILE_STORE": "mlff+s3://b/ml", "_MLFLOW_SERVER_ARTIFACT_DESTINATION": "./mlartifacts"}
    >>> keep_proxied_files_in_the_store(environ)
    >>> environ["_MLFLOW_SERVER_ARTIFACT_DESTINATION"]
    'mlff+s3://b/ml'
    """
    env = os.environ if environ is None else environ
    store = env.get(_SERVED_STORE, "")
    if store.startswith(("mlff:", "mlff+")) and env.get(_SERVED_FILES) == _FILES_BESIDE_THE_SERVER:
        env[_SERVED_FILES] = store


def served_artifact_root(environ: Mapping[str, str] | None = None) -> str:
    """Return where MLflow's server, of which this process is a worker, tells clients that files are; else "".

    >>> served_artifact_root({"_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/"})
    'mlflow-artifacts:/'
    """
    return (os.environ if environ is None else environ).get(_SERVED_ROOT, "")


def prefect_pages(environ: Mapping[str, str] | None = None) -> str:
    """Return where Prefect's own pages are, as its variables say; "" if they do not.

    >>> prefect_pages({"PREFECT_API_URL": "http://here:4200/api"})
    'http://here:4200'
    """
    env = os.environ if environ is None else environ
    pages = env.get("PREFECT_UI_URL") or env.get("PREFECT_API_URL", "").rstrip("/").removesuffix("/api")
    return pages.rstrip("/") if pages.startswith(("http://", "https://")) else ""


def state_home() -> Path:
    """Return where this user's programs keep what must outlive them (``XDG_STATE_HOME``)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _either(env: Mapping[str, str], name: str) -> str | None:
    return env.get(f"MLFLOWFLOW_{name}") or env.get(f"MLFLOW_{name}")


def _experiment(env: Mapping[str, str], part: str) -> str | None:
    """Read the experiment from our variables if one of them is set, else from MLflow's."""
    ours = any(f"MLFLOWFLOW_EXPERIMENT_{each}" in env for each in ("NAME", "ID"))
    return env.get(f"{'MLFLOWFLOW' if ours else 'MLFLOW'}_EXPERIMENT_{part}")


def _truth(env: Mapping[str, str], name: str) -> bool:
    text = (env.get(name) or "false").lower()
    if text not in _TRUTHS:
        raise InvalidInput(f"{name} is '{env[name]}'; expected true, false, 1 or 0.")
    return _TRUTHS[text]


def _number(env: Mapping[str, str], name: str, expected: str) -> int | None:
    text = env.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise InvalidInput(f"{name} is '{text}'; expected {expected}.")
    return int(text)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id that has no name
        return f"uid-{os.getuid()}"
