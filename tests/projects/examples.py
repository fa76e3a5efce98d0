"""A whole project file that is right, and a way to ask what is wrong with one that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from mlflowflow.errors import InvalidProject
from mlflowflow.projects.spec import ProjectSpec, parse_project

ENTRY_POINTS: Final = """\
name: digits
entry_points:
  ingest:
    parameters: {seed: {type: int, default: 0}, day: string}
    command: "python ingest.py --seed {seed} --day {day}"
  train:
    parameters:
      data: path
      model: {type: string, default: svc}
      C: {type: float, default: 1.0}
      depth: {type: int, default: 12}
      fit_on: {type: string, default: train}
    command: "python train.py {data} {model} {C} {depth} {fit_on}"
"""
SECTIONS: Final = """\
sweeps:
  tune:
    entry_point: train
    params: {fit_on: train}
    space:
      model: {choice: [svc, forest]}
      C: {float: [1e-1, 100], log: true, when: {model: svc}}
      depth: {int: [4, 16], when: {model: forest}}
    objectives: [{metric: val_accuracy, goal: maximize}]
    sampler: {name: tpe, startup: 8}
    parallel: 2
    budget: {trials: 24}
    trial: {timeout: 5m, attempts: 2}
gates:
  champion:
    model: digits
    alias: champion
    when_no_champion: absolute_only
    checks:
      - {id: quality, metric: accuracy, min: 0.9}
      - {id: no_harm, metric: log_loss, goal: minimize, min_improvement: -0.05}
      - {id: better, metric: accuracy, relation: superior, test: mcnemar_exact, alpha: 0.05}
      - {id: schema, kind: signature, compatible_with: champion}
pipelines:
  retrain:
    params:
      seed: {type: int, default: 0}
      day: {type: string}
      promotion: {type: string, default: here, choices: [here, event]}
    steps:
      - id: ingest
        entry_point: ingest
        params: {seed: "${{ params.seed }}", day: "${{ params.day }}"}
        outputs: {data: {artifact: data}}
        retries: {max: 1, delay: 5s}
      - {id: tune, sweep: tune, params: {data: "${{ steps.ingest.outputs.data }}"}}
      - id: train
        entry_point: train
        params_from: "${{ steps.tune.outputs.best_params }}"
        params: {data: "${{ steps.ingest.outputs.data }}", fit_on: all}
        outputs: {model: {artifact: model}}
        timeout: 1h
      - {id: register, register: {model: digits, from: "${{ steps.train.outputs.model }}"}}
      - id: promote
        gate: champion
        when: {exists: "models:/digits@champion"}
        params: {version: "${{ steps.register.outputs.version }}"}
        evidence: ["${{ steps.train.run_id }}"]
        decide: "${{ params.promotion }}"
"""
#: A sweep that says everything that can be said of one.
CHURN: Final = """\
entry_points:
  main:
    parameters:
      model: {type: string, default: gbm}
      depth: {type: int, default: 4}
      lr: {type: float, default: 0.1}
      C: {type: float, default: 1.0}
      data: {type: string, default: here}
      fit_on: {type: string, default: train}
    command: "python train.py {model} {depth} {lr} {C} {data} {fit_on}"
spec: mlflowflow/v1
resources:
  small: {cpu: 0.5}
  train: {cpu: 2, memory: 4GiB, price_per_hour: 0.09, dask: {TRAIN: 1}}
sweeps:
  tune:
    entry_point: main
    params: {data: there}
    space:
      model: {choice: [gbm, logreg]}
      depth: {int: [2, 10], when: {model: gbm}}
      lr: {float: [1e-3, 0.5], log: true, when: {model: gbm}}
      C: {float: [1e-4, 100], log: true, when: {model: logreg}}
    objectives:
      - {metric: val_auc, goal: maximize, prune_on: true}
      - {metric: bytes, goal: minimize}
    constraints: [{metric: p95_ms, max: 20}]
    sampler: {name: tpe, seed: 7, startup: 12, multivariate: true}
    pruner: {name: asha, min_resource: 1, max_resource: 27, reduction: 3}
    start_from: [{model: gbm, depth: 4, lr: 1e-1}, "models:/churn@champion"]
    parallel: 4
    budget: {trials: 60, wall: 2h, cost: 3.00, failed_trials: 10}
    stop: {target: {val_auc: 0.95}, no_improvement: 20}
    trial: {resources: train, timeout: 10m, attempts: 4, retry_on: [worker_lost, timeout, "OSError"], on_prune: kill, grace: 5s, priority: 2}
    dedupe: reuse_result
    select: {by: val_auc, among: pareto, refit: {params: {fit_on: all}}}
    visibility: tasks
"""
DIGITS: Final = f"{ENTRY_POINTS}spec: mlflowflow/v1\n{SECTIONS}"
NESTED: Final = (
    ENTRY_POINTS
    + "mlflowflow:\n  spec: mlflowflow/v1\n"
    + "".join(f"  {line}\n" for line in SECTIONS.splitlines())
)


def project(text: str = DIGITS) -> ProjectSpec:
    """Read `text` as the project file of a folder named 'folder'."""
    return parse_project(text, path="MLproject", root=Path("folder"), scripts=["clean.py", "up.sh"])


def mistakes(text: str) -> list[str]:
    """Return every problem of `text` with its place."""
    with pytest.raises(InvalidProject) as caught:
        project(text)
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str, *, text: str = DIGITS) -> str:
    """Return the example `text` with `old`, which occurs once, replaced."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def wrong(old: str, new: str, *, text: str = DIGITS) -> list[str]:
    """Return what is wrong with the example `text` after one change, without the places."""
    return [mistake.split(": ", 1)[1] for mistake in mistakes(changed(old, new, text=text))]
