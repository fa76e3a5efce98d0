"""Fill a folder ``mlruns`` as MLflow's file store writes it; through its API this would take an hour."""

from __future__ import annotations

from pathlib import Path

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from benchmarks.programs.workload import values

_BEGAN = 1_700_000_000_000


def measure(*, folder: str, runs: int, metrics: int, steps: int) -> dict[str, float]:
    """Write `runs` runs with `metrics` metrics of `steps` points, 10 params and 3 tags each into `folder`."""
    home = Path(folder) / "mlruns" / "1"
    _write(home / "meta.yaml", _EXPERIMENT.format(home=home))

    def fill() -> None:
        numbers = values(steps)
        for number in range(runs):
            _run(home, number, metrics, numbers)

    return {"seconds": seconds(fill), "points": runs * metrics * steps}


_EXPERIMENT = """\
artifact_location: {home}
creation_time: 1700000000000
experiment_id: '1'
last_update_time: 1700000000000
lifecycle_stage: active
name: bench
"""
_RUN = """\
artifact_uri: {at}/artifacts
end_time: {end}
entry_point_name: ''
experiment_id: '1'
lifecycle_stage: active
run_id: {run}
run_name: run-{number}
source_name: ''
source_type: 4
source_version: ''
start_time: {start}
status: 3
tags: []
user_id: bench
"""


def _run(home: Path, number: int, metrics: int, numbers: list[float]) -> None:
    at, start = home / f"a{number:031x}", _BEGAN + number
    _write(
        at / "meta.yaml",
        _RUN.format(at=at, run=at.name, number=number, start=start, end=start + 1000),
    )
    for key in range(metrics):
        lines = (f"{start + step} {value!r} {step}\n" for step, value in enumerate(numbers))
        _write(at / "metrics" / f"metric_{key}", "".join(lines))
    for key in range(10):
        _write(at / "params" / f"param_{key}", str(number * key))
    for name, text in (("mlflow.user", "bench"), ("mlflow.runName", f"run-{number}"), ("team", "a")):
        _write(at / "tags" / name, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    answer(measure)
