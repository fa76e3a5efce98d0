"""The one place that says what a path or an address in a request means.

A client never learns where the store is. To it files lie at ``mlflow-artifacts:/<experiment>/<run>/artifacts``
and ``mlflow-artifacts:/<experiment>/models/<model>/artifacts``, and it asks this server for them. Such an
address leads to the files of a run or a logged model that exists, or nowhere: no request makes the server
open a path, a bucket or a host of the client's choice. So a new experiment cannot choose its place, and the
source of a version is an address within this store or one of a kind that this server never opens.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.registry.uri import LoggedModelUri, PlaceUri, RunUri, parse_model_uri
from mlflowflow.tracking.artifacts.path import clean_path

if TYPE_CHECKING:
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.tracker import Tracker

SCHEME: Final = "mlflow-artifacts"
#: Kinds of addresses that a version may have as its source although this server does not open them.
FOREIGN: Final = frozenset({"s3", "gs", "az", "abfs", "abfss", "wasbs", "hdfs", "dbfs"})
#: What MLflow's clients send as the source of a prompt.
_NO_FILES: Final = ("dummy-source", "prompt-template")
_RUN: Final = re.compile(r"(?P<experiment>[^/]+)/(?P<owner>[^/]+)/artifacts(?:/(?P<path>.*))?")
_MODEL: Final = re.compile(r"(?P<experiment>[^/]+)/models/(?P<owner>[^/]+)/artifacts(?:/(?P<path>.*))?")
_STORED_MODEL: Final = re.compile(r"[^/]+/models/[^/]+/artifacts(/.*)?")
_STORED_RUN: Final = re.compile(r"(?P<experiment>[^/]+)/(?P<run>[^/]+)(?P<path>/.*)?")
_PLAIN: Final = re.compile(
    r"[A-Za-z0-9][\w.-]*://[^\\#?;\x00-\x1f\x7f]+|[A-Za-z0-9][\w.-]*:/[^\\#?;\x00-\x1f\x7f]+"
)


class Found(NamedTuple):
    """A path among the `files` of a run or logged model, the `owner`."""

    files: ArtifactRepository
    owner: str
    path: str


def run_root(experiment_id: str, run_id: str) -> str:
    """Return where the files of a run lie, for a client.

    >>> run_root("0", "4f1c")
    'mlflow-artifacts:/0/4f1c/artifacts'
    """
    return f"{SCHEME}:/{experiment_id}/{run_id}/artifacts"


def model_root(experiment_id: str, model_id: str) -> str:
    """Return where the files of a logged model lie, for a client."""
    return f"{SCHEME}:/{experiment_id}/models/{model_id}/artifacts"


def safe_path(path: str) -> str:
    """Return `path` without needless slashes, or raise `InvalidInput`: decoded or not, it must stay where it is.

    >>> safe_path("plots//loss.png")
    'plots/loss.png'
    """
    if "#" in _decoded(path):
        raise InvalidInput(f"{path!r} cannot be an artifact path: it has a '#'; use another name.")
    return clean_path(path)


def refused_location(location: str | None) -> None:
    """Raise `InvalidInput` unless the place of a new experiment's files is left to the server."""
    if location and location.rstrip("/") != f"{SCHEME}:":
        raise InvalidInput(
            f"The artifact_location {location[:200]!r} cannot be chosen by a request: this server keeps files in its "
            "own store. Leave it out, or make the experiment with 'mlff experiments' beside the store."
        )


class Places:
    """Find the files of one store that a client means."""

    def __init__(self, tracker: Tracker) -> None:
        """Use the store of `tracker`."""
        self._tracker = tracker

    def found(self, path: str) -> Found:
        """Return what the path below ``mlflow-artifacts:/`` means. Raises `InvalidInput`, `NotFound`."""
        cleaned = safe_path(path)
        of_model = _MODEL.fullmatch(cleaned)
        match = of_model or _RUN.fullmatch(cleaned)
        if match is None:
            raise NotFound(
                "folder",
                cleaned,
                hint="Files lie below <experiment>/<run>/artifacts and <experiment>/models/<model>/artifacts.",
            )
        experiment_id, owner, inner = match["experiment"], match["owner"], match["path"] or ""
        if of_model:
            model = self._tracker.logged_models.get(owner)
            self._demand_in(experiment_id, model.experiment_id, path)
        else:
            self._demand_in(experiment_id, self._tracker.get_run(owner).info.experiment_id, path)
        return Found(self._tracker.artifacts(owner), owner, inner)

    def source(self, source: str, *, run_id: str | None, model_id: str | None) -> str:
        """Return the address to keep as the source of a version that a client names. Raises `InvalidInput`.

        It must be among the files of the run or the logged model that the version is said to come from.
        """
        scheme, _, rest = source.partition(":")
        decoded = _decoded(source)
        if not _PLAIN.fullmatch(decoded) or "::" in decoded or ".." in re.split(r"[/\\]", decoded):
            raise _refused(source, "it leads out of its folder, or is no plain address")
        if scheme == SCHEME:
            if rest.startswith("//"):
                raise _refused(source, "it names a host")
            found = self.found(rest.lstrip("/"))
            if found.owner not in {run_id, model_id}:
                raise _refused(source, "it does not lie in the run or logged model that is given with it")
            return found.files.uri(found.path)
        if scheme in {"runs", "models"}:
            return self._checked(source, run_id=run_id, model_id=model_id)
        if scheme not in FOREIGN:
            raise _refused(source, f"its kind '{scheme}' is none of {', '.join(sorted(FOREIGN))}")
        return source

    def shown(self, source: str) -> str:
        """Return a version's source as a client can use it."""
        prefix = f"{self._tracker.uri}/artifacts/"
        stored = source.removeprefix("file://")
        if not stored.startswith(prefix):
            return source
        rest = stored.removeprefix(prefix)
        if _STORED_MODEL.fullmatch(rest):
            return f"{SCHEME}:/{rest}"
        match = _STORED_RUN.fullmatch(rest)
        return (
            source if match is None else run_root(match["experiment"], match["run"]) + (match["path"] or "")
        )

    def of_files(self, source: str) -> str:
        """Return where the files of a version are, for a client: where its source is, or what it refers to is.

        Raises `NotFound`.
        """
        uri = parse_model_uri(source) if source.startswith(("runs:", "models:")) else None
        if isinstance(uri, LoggedModelUri):
            return model_root(self._tracker.logged_models.get(uri.model_id).experiment_id, uri.model_id)
        if isinstance(uri, RunUri):
            root = run_root(self._tracker.get_run(uri.run_id).info.experiment_id, uri.run_id)
            return f"{root}/{safe_path(uri.path)}".rstrip("/")
        return self.shown(source)

    def of_source(self, source: str) -> Found:
        """Return the files that a version's source means. Raises `InvalidInput` for those of another store."""
        uri = parse_model_uri(source)
        if isinstance(uri, RunUri):
            return Found(self._tracker.artifacts(uri.run_id), uri.run_id, safe_path(uri.path))
        if isinstance(uri, LoggedModelUri):
            return Found(self._tracker.model_artifacts(uri.model_id), uri.model_id, "")
        shown = self.shown(source)
        if not isinstance(uri, PlaceUri) or not shown.startswith(f"{SCHEME}:/"):
            raise _refused(source, "its files are not in the store of this server, which opens no other")
        return self.found(shown.removeprefix(f"{SCHEME}:/"))

    def _checked(self, source: str, *, run_id: str | None, model_id: str | None) -> str:
        uri = parse_model_uri(source)
        if isinstance(uri, RunUri):
            if uri.run_id != run_id:
                raise _refused(source, f"it is of another run than the run_id {run_id!r}")
            self._tracker.get_run(uri.run_id)
            safe_path(uri.path)
        if isinstance(uri, LoggedModelUri):
            if uri.model_id != model_id:
                raise _refused(source, f"it is another logged model than the model_id {model_id!r}")
            self._tracker.logged_models.get(uri.model_id)
        return source

    def _demand_in(self, said: str, found: str, path: str) -> None:
        if said != found:
            raise NotFound("folder", path, hint=f"It belongs to the experiment '{found}'.")


def prompt_source(source: str) -> str:
    """Return what stands for the source of a prompt, whose text is a tag. Raises `InvalidInput`.

    >>> prompt_source("dummy-source")
    'dummy-source'
    """
    if source not in _NO_FILES:
        raise InvalidInput(
            f"{source[:200]!r} cannot be the source of a prompt, which has no files; expected "
            f"{' or '.join(map(repr, _NO_FILES))}, as MLflow's clients send."
        )
    return source


def _decoded(text: str) -> str:
    while (decoded := unquote(text)) != text:
        text = decoded
    return text


def _refused(source: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"{source[:200]!r} cannot be the source of a version: {why}. Expected '{SCHEME}:/…' or 'runs:/…' of the "
        "run_id that is given with it, or 'models:/<model_id>'."
    )
