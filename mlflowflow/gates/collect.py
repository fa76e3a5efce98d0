"""From evaluation runs and the registry's state to evidence.

An evaluation run says which version it evaluated by the tag :data:`MODEL_TAG` (set by the step that
started it) or, when somebody evaluated by hand, by a param called ``model``. Its metrics are the
summary; its artifact ``outcomes.parquet``, if there is one, the rows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.gates.evidence import Evaluation, Evidence
from mlflowflow.gates.outcomes import OUTCOMES_ARTIFACT, Outcomes
from mlflowflow.models.signature import ModelSignature, compatible
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.registry.state import ModelState
    from mlflowflow.tracking.run import Run

#: The tag of an evaluation run that says what was evaluated: ``models:/digits/3``.
MODEL_TAG: Final = "mlff.model"
_VERSION_URI: Final = re.compile(r"models:/(?P<model>[^/]+)/(?P<version>[1-9]\d*)")


class FileReader(Protocol):
    """Read the files of a run."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises `NotFound`."""
        ...


class RunReader(Protocol):
    """Read runs: what of a tracker is needed here."""

    def get_run(self, run_id: str) -> Run:
        """Return the run. Raises `NotFound`."""
        ...

    def artifacts(self, run_id: str) -> FileReader:
        """Return the files of a run. Raises `NotFound`."""
        ...


def read_evaluations(run_ids: Sequence[str], *, model: str, runs: RunReader) -> Mapping[int, Evaluation]:
    """Return the evaluation of each version of `model` among the runs; of two of the same, the last.

    Raises `NotFound` for an unknown run, `InvalidState` for one that did not finish (its metrics may
    be half the truth) and `InvalidInput` for one that does not evaluate a version of `model`.
    """
    found = [_read_evaluation(run_id, model=model, runs=runs) for run_id in run_ids]
    return MappingProxyType({each.version: each for each in found})


def assemble(
    state: ModelState,
    *,
    version: int,
    champion: int | None,
    evaluations: Mapping[int, Evaluation],
    recorded: Callable[[int], Evaluation | None],
) -> Evidence:
    """Put the evidence about `version` against `champion` together.

    A champion without an evaluation among `evaluations` is represented by the one that `recorded`
    has of it, or else by its signature alone. Raises `NotFound` for a version that `state` does not
    have, and `InvalidInput` if nothing evaluates the candidate.
    """
    signature = state.version(version).signature
    candidate = evaluations.get(version)
    if candidate is None:
        seen = ", ".join(str(each) for each in sorted(evaluations)) or "none"
        raise InvalidInput(
            f"No evaluation run of version {version} of '{state.name}' was given (versions with one: {seen}); "
            f"pass the id of a run tagged {MODEL_TAG} = models:/{state.name}/{version}."
        )
    if champion is None:
        return Evidence(candidate=replace(candidate, signature=signature))
    showing = evaluations.get(champion) or recorded(champion) or Evaluation(version=champion)
    former = state.version(champion).signature
    return Evidence(
        candidate=replace(candidate, signature=signature),
        champion=replace(showing, signature=former),
        incompatibilities=_incompatibilities(signature, former),
    )


def _read_evaluation(run_id: str, *, model: str, runs: RunReader) -> Evaluation:
    run = runs.get_run(run_id)
    if run.info.status is not RunStatus.FINISHED:
        raise InvalidState(
            f"The evaluation run '{run_id}' is {run.info.status}; only a finished run is evidence. "
            "Let it finish or evaluate again."
        )
    return Evaluation(
        version=_evaluated_version(run, model=model),
        run_id=run_id,
        metrics=run.data.metrics,
        outcomes=_read_outcomes(run_id, runs),
    )


def _evaluated_version(run: Run, *, model: str) -> int:
    uri = run.data.tags.get(MODEL_TAG) or run.data.params.get("model", "")
    match = _VERSION_URI.fullmatch(uri)
    if match is None or match["model"] != model:
        found = f"it says '{uri}'" if uri else "it does not say"
        raise InvalidInput(
            f"The run '{run.info.run_id}' cannot be evidence about '{model}': {found}, where the tag "
            f"'{MODEL_TAG}' should name the version it evaluated, such as 'models:/{model}/3'."
        )
    return int(match["version"])


def _read_outcomes(run_id: str, runs: RunReader) -> Outcomes | None:
    try:
        body = runs.artifacts(run_id).read(OUTCOMES_ARTIFACT)
    except NotFound:
        return None
    return Outcomes.from_parquet(body, name=f"{OUTCOMES_ARTIFACT} of run {run_id}")


def _incompatibilities(new: str | None, old: str | None) -> tuple[str, ...] | None:
    if new is None or old is None:
        return None
    return tuple(compatible(ModelSignature.from_json(new), ModelSignature.from_json(old)))
