"""Batch scoring on Dask: one task for each part of the input, its answers in a file of its own.

The work of a part and the promise about its file are `mlflowflow.models.scoring`'s. Here is who does
it: this process if the input is small, otherwise the workers of a cluster, each of which loads the
model once. A task that is lost with its worker is repeated by Dask; a job that was killed is started
again by its user and goes on where it was.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import distributed
from distributed.scheduler import KilledWorker

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import Conflict, InvalidInput, StepFailed
from mlflowflow.models.loading import get_model_info, load_model
from mlflowflow.models.schema import ColumnSchema
from mlflowflow.models.scoring.output import Output
from mlflowflow.models.scoring.part import answered, sample_schema
from mlflowflow.models.scoring.plan import Input, Plan, Question, describe_file, find_files, make_plan
from mlflowflow.orchestration.cluster import ClusterSpec, OpenCluster, open_cluster, parse_cluster
from mlflowflow.orchestration.workplace import Workplace
from mlflowflow.registry.current import current_catalog
from mlflowflow.registry.uri import FilesUri, PlaceUri, parse_model_uri, resolve_version
from mlflowflow.storage.address import normalize
from mlflowflow.tracking.fluent.session import current_session

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from mlflowflow.models.model import PyFuncModel
    from mlflowflow.models.scoring.plan import InputFile, Part
    from mlflowflow.models.signature import ModelSignature
    from mlflowflow.registry.catalog import Catalog

BATCH_ROWS: Final = 65_536
ROWS_PER_TASK: Final = 1_000_000
#: Fewer rows than this are answered in this process, unless a cluster is named.
SMALL_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringProgress:
    """How far a job is: its rows, of them those that are answered, and the parts of both."""

    rows: int
    done_rows: int
    parts: int
    done_parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringResult:
    """What a job did: `parts` files in `output`, of which `skipped` were there before.

    `input_bytes` and `output_bytes` are the sizes of the files, `seconds` the time this call took.
    """

    output: str
    rows: int
    parts: int
    skipped: int
    input_files: int
    input_bytes: int
    output_bytes: int
    columns: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCall:
    """Everything a worker must know to answer a part; small, and picklable."""

    model_uri: str
    model_uuid: str | None
    allow_code: bool
    workplace: Workplace
    question: Question
    folder: str
    fingerprint: str


def nobody(_progress: ScoringProgress) -> None:
    """Listen to nothing."""


def predict_parquet(
    model_uri: str | Path,
    input: Input,  # noqa: A002 - what the command line calls it
    output: str | Path,
    *,
    cluster: str | ClusterSpec | OpenCluster | None = None,
    columns: Sequence[str] | None = None,
    keep: str | Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
    prediction: str = "prediction",
    batch_rows: int = BATCH_ROWS,
    rows_per_task: int = ROWS_PER_TASK,
    allow_code: bool = True,
    progress: Callable[[ScoringProgress], None] = nobody,
    clock: Clock | None = None,
) -> ScoringResult:
    """Ask a model about every row of Parquet files that need not fit into memory.

    The answers are Parquet files in the folder `output`, one for each task, whose names sort as the
    rows of the input do; within a file the rows are in their order. The same call continues a job that
    was killed: what is finished is kept.

    Args:
        model_uri: Any address that `load_model` takes; an alias is resolved once, at the beginning.
        input: A folder, a file, a pattern with ``*``, or a list of these, on disks that all workers see.
        output: A new or empty folder, or that of the same job.
        cluster: Where to work: None for this process if the input is small and for workers on this
            machine otherwise, ``local:4``, a scheduler's address, or a cluster file.
        columns: The columns given to the model, by default those its signature names, or all.
        keep: Columns that are copied to the output beside the answers, a key for example.
        params: Parameters of the model's `predict`.
        prediction: What the answers' column is called where the model gives it no name.
        batch_rows: How many rows are in memory at a time, in each worker.
        rows_per_task: About how many rows a task answers; it is never less than a row group.
        allow_code: Whether a model that can run code is loaded.
        progress: Called with how far the job is, whenever a part is finished.
        clock: Measures the seconds.

    Raises:
        InvalidInput: A row is not what the model's signature says; the error names its file and number
            (from 0), and parts that were finished stay.
        StepFailed: The model failed, or tasks lost their workers again and again.
        InvalidState: The folder belongs to another job, or one is running there.

    >>> import tempfile, pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from mlflowflow import models, sklearn
    >>> folder = tempfile.mkdtemp()
    >>> table = pd.DataFrame({"id": [7, 8], "x": [1.0, 2.0]})
    >>> table.to_parquet(f"{folder}/in.parquet")
    >>> sklearn.save_model(LinearRegression().fit(table[["x"]], [1, 2]), f"{folder}/model")
    >>> found = models.predict_parquet(f"{folder}/model", f"{folder}/in.parquet", f"{folder}/out", columns=["x"], keep="id")
    >>> found.rows, found.columns
    (2, ('id', 'prediction'))
    """
    _demand_positive(batch_rows=batch_rows, rows_per_task=rows_per_task)
    clock = clock or SystemClock()
    began = clock.monotonic_s()
    address = _pinned(model_uri)
    info = get_model_info(address)
    files = [describe_file(path) for path in find_files(input)]
    question = Question(
        columns=_columns(columns, info.signature, files),
        keep=(keep,) if isinstance(keep, str) else tuple(keep),
        params=dict(params or {}),
        prediction=prediction,
        batch_rows=batch_rows,
    )
    plan = make_plan(
        files, model=str(info.model_uuid or address), question=question, rows_per_part=rows_per_task
    )
    folder = Path(output).expanduser().absolute()
    call = PartCall(
        model_uri=address,
        model_uuid=info.model_uuid,
        allow_code=allow_code,
        workplace=_workplace(),
        question=question,
        folder=str(folder),
        fingerprint=plan.fingerprint,
    )
    place = Output(folder, plan.fingerprint)
    with place.opened():
        job = _Job(plan, call, place, progress)
        schema = job.run(_spec(cluster, plan))
        result = ScoringResult(
            output=str(folder),
            rows=plan.rows,
            parts=len(plan.parts),
            skipped=job.skipped,
            input_files=len(files),
            input_bytes=plan.size,
            output_bytes=sum((folder / part.name).stat().st_size for part in plan.parts),
            columns=tuple(schema.names),
            seconds=clock.monotonic_s() - began,
        )
        sums = {"rows": result.rows, "output_bytes": result.output_bytes}
        place.note(plan, model_uri=address, schema=schema, sums=sums)
    return result


class _Job:
    """The parts that are left of one plan, and who answers them."""

    def __init__(
        self, plan: Plan, call: PartCall, place: Output, progress: Callable[[ScoringProgress], None]
    ) -> None:
        self._plan = plan
        self._call = call
        self._place = place
        self._progress = progress
        self._left = [part for part in plan.parts if not place.has(part)]
        self.skipped = self._done_parts = len(plan.parts) - len(self._left)
        self._done_rows = plan.rows - sum(part.rows for part in self._left)

    def run(self, spec: ClusterSpec | OpenCluster | None) -> Any:
        """Answer what is left, here or on the cluster, and return the columns of the output."""
        known = self._place.schema()
        if not self._left and known is not None:
            return known
        if spec is None:
            schema = self._decide(known, lambda part: sample(self._call, part))
            for part in self._left:
                run_part(self._call, part, schema)
                self._moved(part)
            return schema
        with _client(spec) as client:
            schema = self._decide(
                known, lambda part: client.submit(sample, self._call, part, pure=False).result()
            )
            for part in self._finished(client, schema):
                self._moved(part)
        return schema

    def _decide(self, known: Any | None, ask: Callable[[Part], Any]) -> Any:
        """Let the first rows decide the columns of the output, once for the whole job."""
        if known is not None:
            return known
        first = next((part for part in self._plan.parts if part.rows), None)
        if first is None:
            raise InvalidInput("The input has no rows, so there is nothing to ask the model about.")
        schema = ask(first)
        self._place.note(self._plan, model_uri=self._call.model_uri, schema=schema)
        return schema

    def _finished(self, client: distributed.Client, schema: Any) -> Iterator[Part]:
        """Submit every part and yield each when it is done. Whatever fails cancels the others."""
        waiting = {
            client.submit(
                run_part,
                self._call,
                part,
                schema,
                key=f"score-{self._call.fingerprint[:16]}-{part.index}",
                pure=False,
            ): part
            for part in self._left
        }
        try:
            for future in distributed.as_completed(list(waiting), loop=client.loop):
                part = waiting[future]
                if future.status != "finished":
                    raise _error(future, part)
                future.release()
                yield part
        finally:
            client.cancel(list(waiting), force=True)

    def _moved(self, part: Part) -> None:
        self._done_parts += 1
        self._done_rows += part.rows
        self._progress(
            ScoringProgress(
                rows=self._plan.rows,
                done_rows=self._done_rows,
                parts=len(self._plan.parts),
                done_parts=self._done_parts,
            )
        )


def run_part(call: PartCall, part: Part, schema: Any) -> int:
    """Answer one part in this process and return the bytes of its file."""
    tables = answered(part, _model(call), call.question, schema=schema)
    return Output(Path(call.folder), call.fingerprint).write(part, tables, schema)


def sample(call: PartCall, part: Part) -> Any:
    """Return the columns of the output, from the first rows of `part`."""
    return sample_schema(part, _model(call), call.question)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A loaded model, under the names a part asks for."""

    model: PyFuncModel

    @property
    def signature(self) -> ModelSignature | None:
        return self.model.metadata.signature

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        return self.model.predict(data, params)


#: The model of the job that this process works for: loaded once, and dropped for the next job's.
_LOADED: Final[dict[tuple[str, str], _Asked]] = {}
_LOADING: Final = threading.Lock()


def _model(call: PartCall) -> _Asked:
    """Return the model of `call`. Raises `Conflict` if it is not the one the job began with."""
    key = (call.fingerprint, call.folder)
    with _LOADING:
        if key not in _LOADED:
            _LOADED.clear()
            loaded = load_model(
                call.model_uri, **_stores(call.workplace, call.model_uri), allow_code=call.allow_code
            )
            if loaded.metadata.model_uuid != call.model_uuid:
                raise Conflict(
                    f"The model at '{call.model_uri}' was replaced while the job ran; start it again."
                )
            _LOADED[key] = _Asked(loaded)
        return _LOADED[key]


def _stores(workplace: Workplace, model_uri: str) -> dict[str, Any]:
    """Open the stores that an address is looked up in, and none for a folder."""
    if isinstance(parse_model_uri(model_uri), PlaceUri) and "://" not in model_uri:
        return {}
    session = current_session()
    if session.tracking_uri == workplace.tracking_uri:
        return {}
    return {"tracker": workplace.tracker(), "catalog": workplace.catalog()}


def _pinned(model_uri: str | Path) -> str:
    """Return an address that goes on meaning the same model: a version for an alias, a full path."""
    uri = PlaceUri(url=str(model_uri)) if isinstance(model_uri, Path) else parse_model_uri(model_uri)
    if isinstance(uri, PlaceUri):
        return normalize(uri.url)
    if isinstance(uri, FilesUri):
        return str(model_uri)
    catalog: Catalog = current_catalog()
    version = resolve_version(catalog, uri)
    return f"models:/{version.name}/{version.version}"


def _columns(
    given: Sequence[str] | None, signature: ModelSignature | None, files: Sequence[InputFile]
) -> tuple[str, ...] | None:
    """Return what the model is given: the columns its signature names, optional ones as far as they are there."""
    if given is not None:
        return tuple(given)
    inputs = signature.inputs if signature else None
    if not isinstance(inputs, ColumnSchema) or any(column.name is None for column in inputs.columns):
        return None
    common = set.intersection(*(set(file.columns) for file in files))
    return tuple(str(one.name) for one in inputs.columns if one.required or str(one.name) in common)


def _workplace() -> Workplace:
    session = current_session()
    settings = session.settings
    return Workplace(
        tracking_uri=session.tracking_uri,
        registry_uri=session.registry_uri,
        user=settings.user,
        spool_dir=settings.spool_dir,
    )


def _spec(cluster: str | ClusterSpec | OpenCluster | None, plan: Plan) -> ClusterSpec | OpenCluster | None:
    if isinstance(cluster, str):
        return parse_cluster(cluster)
    if cluster is None and plan.rows >= SMALL_ROWS and len(plan.parts) > 1:
        return parse_cluster(None)
    return cluster


@contextmanager
def _client(spec: ClusterSpec | OpenCluster) -> Generator[distributed.Client]:
    if isinstance(spec, OpenCluster):
        with distributed.Client(spec.address, set_as_default=False, **spec.client_kwargs) as client:
            yield client
        return
    with open_cluster(spec) as opened, _client(opened) as client:
        yield client


def _error(future: Any, part: Part) -> Exception:
    what = f"scoring of '{part.path}', rows {part.first_row} to {part.first_row + part.rows - 1}"
    if future.status == "cancelled":
        return StepFailed(what, "was cancelled")
    error: Exception = future.exception()
    if isinstance(error, KilledWorker):
        return StepFailed(
            what, "lost its worker several times; it may need more memory than a worker has: lower batch_rows"
        )
    return error


def _demand_positive(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise InvalidInput(f"'{name}' is {count}; expected a number of rows.")
