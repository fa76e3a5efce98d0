"""What `evaluate` returns: numbers, files, and how sure the numbers are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from mlflowflow.data.digest_utils import pandas
from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.evaluation.artifact import KINDS, EvaluationArtifact, ParquetEvaluationArtifact
from mlflowflow.evaluation.intervals import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_METRICS: Final = "metrics.json"
_PLACES: Final = "artifacts_metadata.json"
_INTERVALS: Final = "intervals.json"
_FILES: Final = "artifacts"
#: Where MLflow has the classes, so that it can load what is saved here.
_MODULE: Final = "mlflow.models.evaluation.artifacts"
_CLASSES: Final = {kind.__name__: kind for kind in KINDS}


class EvaluationResult:
    """The `metrics` by name, the `artifacts` by name, and the run they were logged to.

    `intervals` says how far the main metrics might be from their true values, and `outcomes` what came of
    each row; MLflow has neither.
    """

    def __init__(
        self,
        metrics: Mapping[str, float],
        artifacts: Mapping[str, EvaluationArtifact],
        run_id: str | None = None,
        *,
        intervals: Mapping[str, Interval] | None = None,
        outcomes: EvaluationArtifact | None = None,
    ) -> None:
        """Keep the parts."""
        self._metrics = dict(metrics)
        self._artifacts = dict(artifacts)
        self._run_id = run_id
        self._intervals = dict(intervals or {})
        self._outcomes = outcomes

    @property
    def metrics(self) -> dict[str, float]:
        """The numbers by name."""
        return self._metrics

    @property
    def artifacts(self) -> dict[str, EvaluationArtifact]:
        """The files by name."""
        return self._artifacts

    @property
    def run_id(self) -> str | None:
        """The run that has them."""
        return self._run_id

    @property
    def intervals(self) -> dict[str, Interval]:
        """Confidence intervals of the main metrics by name."""
        return self._intervals

    @property
    def outcomes(self) -> Any:
        """What came of each row, as a pandas table; None if the evaluation has no labels."""
        return None if self._outcomes is None else self._outcomes.content

    @property
    def tables(self) -> dict[str, Any]:
        """The artifacts that are tables of rows, as pandas has them: ``eval_results_table`` for one."""
        found = {name: _table(artifact) for name, artifact in self._artifacts.items()}
        return {name: table for name, table in found.items() if table is not None}

    def save(self, path: str | Path) -> None:
        """Write everything into the folder `path`, in MLflow's form."""
        folder = Path(path)
        (folder / _FILES).mkdir(parents=True, exist_ok=True)
        places = {
            name: {"uri": one.uri, "class_name": f"{_MODULE}.{type(one).__name__}"}
            for name, one in self._artifacts.items()
        }
        for artifact in self._artifacts.values():
            (folder / _FILES / artifact.file_name).write_bytes(artifact.to_bytes())
        _write(folder / _METRICS, self._metrics)
        _write(folder / _PLACES, places)
        _write(folder / _INTERVALS, {name: one.to_dict() for name, one in self._intervals.items()})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` or MLflow wrote. Raises `NotFound` and `CorruptData`; no code is run."""
        folder = Path(path)
        places = _read(folder / _PLACES)
        try:
            artifacts = {name: _artifact(place, folder / _FILES) for name, place in places.items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise CorruptData(
                _PLACES, f"it does not say uri and class_name of each artifact ({error})"
            ) from error
        saved = _read(folder / _INTERVALS) if (folder / _INTERVALS).exists() else {}
        intervals = {name: Interval(**one) for name, one in saved.items()}
        return cls(_read(folder / _METRICS), artifacts, intervals=intervals)


def _artifact(place: Mapping[str, str], folder: Path) -> EvaluationArtifact:
    kind = _CLASSES.get(place["class_name"].rpartition(".")[2])
    if kind is None:
        raise CorruptData(_PLACES, f"'{place['class_name']}' is no kind of artifact")
    artifact = kind(place["uri"])
    return kind(place["uri"], read=_reader(folder / artifact.file_name))


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        if not path.is_file():
            raise NotFound("file", str(path), hint="The folder was not saved whole.")
        return path.read_bytes()

    return read


def _table(artifact: EvaluationArtifact) -> Any:
    if isinstance(artifact, ParquetEvaluationArtifact):
        return artifact.content
    if not artifact.file_name.endswith(".json"):
        return None
    match artifact.content:
        case {"columns": list(columns), "data": list(rows)}:
            return pandas("A table of an evaluation").DataFrame(rows, columns=columns)
        case _:
            return None


def _write(path: Path, tree: Any) -> None:
    path.write_text(json.dumps(tree, indent=2))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except FileNotFoundError as error:
        raise NotFound(
            "file", str(path), hint="Expected a folder that EvaluationResult.save() wrote."
        ) from error
    except ValueError as error:
        raise CorruptData(path.name, f"it is not JSON ({error})") from error
