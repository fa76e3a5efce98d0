"""The table of the routes that our own pages use, all below ``/api/mlff/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.server import flow_sheets as flow_sheets_asked
from mlflowflow.server import model_answers, project_sheets
from mlflowflow.server import run_sheets as run_sheets_asked
from mlflowflow.server import sheets as sheets_asked
from mlflowflow.server import sweep_sheets as sweep_sheets_asked
from mlflowflow.server import system_sheets as system_sheets_asked
from mlflowflow.server.handlers import (
    curves,
    events,
    files,
    flow_sheets,
    models,
    pending,
    projects,
    run_sheets,
    sheets,
    sweep_sheets,
    system_sheets,
    tables,
)
from mlflowflow.server.requests import Nothing
from mlflowflow.server.route import Permission, calls, streams, views

if TYPE_CHECKING:
    from mlflowflow.server.route import CallLine, Route, StreamLine, ViewLine

_FOLDER: Final = "/api/mlff/1"
_M: Final = model_answers
_S: Final = sheets_asked
_RS: Final = run_sheets_asked
_SW: Final = sweep_sheets_asked
_FL: Final = flow_sheets_asked
_P: Final = project_sheets
_SY: Final = system_sheets_asked

#: What the pages look at.
_VIEWS: Final[tuple[ViewLine, ...]] = (
    ("experiments", Nothing, _S.ExperimentsSheet, sheets.experiments, sheets.version_of_all),
    ("runs", _S.AskRuns, _S.RunsSheet, sheets.runs, sheets.version_of_some),
    ("runs/columns", _S.OfExperiments, _S.RunsColumns, sheets.columns, sheets.version_of_some),
    ("runs/matching", _S.AskMatching, _S.Matching, sheets.matching, sheets.version_of_some),
    ("runs/{run_id}", _RS.AskRun, _RS.RunSheet, run_sheets.run, run_sheets.version),
    ("runs/{run_id}/table", _RS.AskTable, _RS.TableSheet, tables.table, tables.version),
    ("curves", _S.AskCurves, _S.Curves, curves.curves, curves.version),
    ("sweeps", Nothing, _SW.SweepsSheet, sweep_sheets.sweeps, sweep_sheets.version_of_list),
    ("sweeps/{run_id}", _SW.AskSweep, _SW.SweepSheet, sweep_sheets.sweep, sweep_sheets.version),
    ("sweeps/{run_id}/points", _SW.AskSweep, _SW.SweepPoints, sweep_sheets.points, sweep_sheets.version),
    (
        "sweeps/{run_id}/importance",
        _SW.AskSweep,
        _SW.SweepImportances,
        sweep_sheets.importance,
        sweep_sheets.version_of_ends,
    ),
    ("flows", Nothing, _FL.FlowsAnswer, flow_sheets.flows, flow_sheets.version_of_list),
    ("flows/{run_id}", _FL.AskFlow, _FL.FlowAnswer, flow_sheets.flow, flow_sheets.version),
    ("now", Nothing, _FL.NowAnswer, flow_sheets.now, flow_sheets.version_of_list),
    ("system", Nothing, _SY.SystemAnswer, system_sheets.system, system_sheets.version),
    ("models", Nothing, _M.ModelsSheet, models.models, models.version_of_all),
    ("models/{name}", _M.OneModel, _M.ModelSheet, models.model, models.version_of_one),
    ("models/{name}/{version}", _M.OneVersion, _M.VersionSheet, models.version, models.version_of_one),
    (
        "models/{name}/{version}/against/{against}",
        _M.TwoVersions,
        _M.DifferencesAnswer,
        models.differences,
        models.version_of_one,
    ),
    ("audit", Nothing, _M.AuditAnswer, models.audit, models.version_of_logs),
    ("pending", Nothing, _M.PendingAnswer, pending.pending, pending.version),
    ("projects", Nothing, _P.ProjectsAnswer, projects.projects, projects.version),
)


#: What the pages do.
_DEEDS: Final[tuple[CallLine, ...]] = (
    ("POST", "projects/start", Permission.WRITE, _P.StartPlan, _P.PlanStarted, projects.start),
    ("POST", "sweeps/{run_id}/stop", Permission.WRITE, _SW.StopSweep, _SW.SweepAsked, sweep_sheets.stop),
    (
        "POST",
        "sweeps/{run_id}/extend",
        Permission.WRITE,
        _SW.ExtendSweep,
        _SW.SweepAsked,
        sweep_sheets.extend,
    ),
)

_STREAMS: Final[tuple[StreamLine, ...]] = (
    ("GET", "events", Permission.READ, events.follow),
    ("GET", "frame", Permission.READ, files.frame_of_run),
)


def page_routes() -> tuple[Route, ...]:
    """Return the routes of the pages."""
    return (*views(_FOLDER, _VIEWS), *calls(_FOLDER, _DEEDS), *streams(_FOLDER, _STREAMS))
