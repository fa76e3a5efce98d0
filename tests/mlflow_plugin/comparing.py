"""Which fields of two answers must be equal, and which may differ and why.

A field is named by the call and the way to it: ``get_run.info.start_time``, ``search_runs.found.items[].data``.
What no rule names must be equal in value and type. A rule that no history needs is a rule too many.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Fields whose types must be equal, and why their values are not.
SAME_TYPE: Final[Mapping[str, str]] = {
    "*.creation_time": "the clock's",
    "*.creation_timestamp": "the clock's",
    "*.last_update_time": "the clock's",
    "*.last_updated_timestamp": "the clock's",
    "*.artifact_uri": "each store has its own place",
    "*.artifact_location": "each store has its own place",
    "*.source": "each store has its own place",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Fields that differ on purpose: `theirs` is what MLflow says where they do, as a pattern of its text."""

    fields: str
    theirs: str
    reason: str


DEVIATIONS: Final = (
    Deviation(
        fields="*",
        theirs=r"-?1\.7976931348623157e\+308",
        reason="infinite values stay infinite",
    ),
    Deviation(
        fields="create_run.outputs",
        theirs="None",
        reason="a new run has made nothing, which is an empty list as for every other run",
    ),
    Deviation(
        fields="search_runs.found.*",
        theirs="'INVALID_PARAMETER_VALUE'|'<nothing>'",
        reason="the search language has more: any text attribute may be IN a list",
    ),
    Deviation(
        fields="search_runs.found.items[].inputs.model_inputs",
        theirs=r"\[\]",
        reason="a search tells of the models that a run used, as reading the run does",
    ),
    Deviation(
        fields="*[].aliases",
        theirs=r"\[\]",
        reason="a list of versions tells of their aliases, as reading a version does",
    ),
    Deviation(
        fields="*.dataset_inputs[].tags[].value",
        theirs=r".*",
        reason="a run may say again what it used a dataset for; MLflow keeps what it said first",
    ),
    Deviation(
        fields="*.dataset.schema",
        theirs=r".*",
        reason="a dataset is what its run said; MLflow keeps what the experiment's first run said of the same digest",
    ),
    Deviation(
        fields="rename_experiment.error",
        theirs="'BAD_REQUEST'|'INVALID_STATE'|'INTERNAL_ERROR'",
        reason="a name that is taken is named so, also when renaming; that an experiment is deleted is no failure of ours",
    ),
    Deviation(
        fields="output_*",
        theirs=r"'BAD_REQUEST'|\{'error': 'BAD_REQUEST'\}",
        reason="a run that says again what it made changes nothing: clients repeat what they got no answer to",
    ),
    Deviation(
        fields="*.metrics",
        theirs=r"\[.*\]",
        reason="a logged model has the latest point of each metric; all of them are in its run's history",
    ),
    Deviation(
        fields="renumber.version",
        theirs=r"'?\d+'?",
        reason="the number of a version is not given again, whatever was deleted",
    ),
    Deviation(
        fields="*.run_id",
        theirs="''",
        reason="a version that no run made has no run, rather than one without a name",
    ),
    Deviation(
        fields="*.info.end_time",
        theirs=r"\d+",
        reason="a run that runs again has not ended",
    ),
    Deviation(
        fields="*.model_outputs[].step",
        theirs=r"\d+",
        reason="a run may say again at which step it made a model; MLflow keeps what it said first",
    ),
    Deviation(
        fields="history.items[].model_id",
        theirs="None",
        reason="the history of a run's metric tells which points measured a logged model",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that two answers do not agree on."""

    field: str
    theirs: Any
    ours: Any

    def __str__(self) -> str:
        """Show both."""
        return f"{self.field}: MLflow says {self.theirs!r}, we {self.ours!r}"


def differences(theirs: Any, ours: Any, field: str) -> Iterator[Difference]:
    """Yield the innermost fields at which two answers differ.

    >>> [str(one) for one in differences({"a": [1, 2]}, {"a": [1, 3]}, "call")]
    ['call.a[]: MLflow says 2, we 3']
    """
    match theirs, ours:
        case dict(), dict():
            for key in sorted({*theirs, *ours}):
                yield from differences(
                    theirs.get(key, "<nothing>"), ours.get(key, "<nothing>"), f"{field}.{key}"
                )
        case list(), list() if len(theirs) == len(ours):
            for one, other in zip(theirs, ours, strict=True):
                yield from differences(one, other, f"{field}[]")
        case _ if theirs == ours and type(theirs) is type(ours):
            return
        case _ if type(theirs) is type(ours) and any(_matches(field, each) for each in SAME_TYPE):
            return
        case _:
            yield Difference(field=field, theirs=theirs, ours=ours)


def deviation_of(found: Difference) -> Deviation | None:
    """Return the reason why a difference is meant, if it is."""
    for each in DEVIATIONS:
        if _matches(found.field, each.fields) and re.fullmatch(each.theirs, repr(found.theirs), re.DOTALL):
            return each
    return None


def _matches(field: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(field.replace("[]", "()"), pattern.replace("[]", "()"))
