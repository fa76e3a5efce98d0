"""Counting what an import would find, without writing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import MlflowflowError
from mlflowflow.exchange.importing import Wanted, chosen
from mlflowflow.exchange.report import Counts, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.exchange.source import Source


def count_store(
    source: Source,
    *,
    wanted: Wanted | None = None,
    progress: Callable[[str, int], None] = lambda _what, _done: None,
) -> Report:
    """Return a report of what is in `source`; nothing in it is new, as nothing is written.

    Raises `NotFound` if a wanted experiment is not there.
    """
    wishes = wanted or Wanted()
    report = Report()
    for experiment in chosen(source, wishes):
        report.add(Counts(experiments=1), Counts())
        for model in source.logged_models(experiment.experiment_id):
            report.add(Counts(logged_models=1), Counts())
            _count_files(source, model.artifact_location, wishes, report)
        for done, run in enumerate(source.runs(experiment.experiment_id), 1):
            found = Counts(
                runs=1,
                points=len(source.points(run)),
                params=len(run.data.params),
                tags=len(run.data.tags),
                datasets=len(run.inputs.dataset_inputs),
            )
            report.add(found, Counts())
            _count_files(source, run.info.artifact_uri, wishes, report)
            progress(experiment.name, done)
    for each in source.registered_models() if wishes.models else ():
        found = Counts(models=1, versions=len(each.versions), aliases=len(each.aliases))
        report.add(found, Counts())
    report.problems[:0] = source.problems
    return report


def _count_files(source: Source, uri: str, wanted: Wanted, report: Report) -> None:
    files = source.files(uri) if uri and wanted.files else None
    try:
        for _, size in files.list() if files is not None else ():
            report.add(Counts(files=1, bytes=size), Counts())
    except (MlflowflowError, OSError) as error:
        report.problems.append(f"The files at '{uri}' cannot be read: {error}")
