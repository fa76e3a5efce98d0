"""Running contenders in turn, each in a process of its own, and taking the medians of what they say.

The repetitions are interleaved (ours, peer, ours, peer, …), in turned order every other time, so
that a machine that slows down for a while slows everybody.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from benchmarks.benchmark import OURS
from benchmarks.environment import ROOT, Environments
from benchmarks.goal import judged
from benchmarks.programs.protocol import read_answer
from mlflowflow.config import child_environ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from benchmarks.benchmark import Benchmark, Contender, Step
    from benchmarks.goal import Line

Answer: TypeAlias = dict[str, Any]

#: What a preparation found is kept beside what it made.
_ANSWER: Final = "answer.json"
#: Contenders that give this figure must give the same: they were asked the same question.
_CHECK: Final = "check"


class Failed(Exception):
    """A program ended with an error, or contenders that should agree do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a benchmark: its lines, and everything that was measured."""

    benchmark: Benchmark
    lines: tuple[Line, ...]
    answers: Mapping[str, tuple[Answer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Run benchmarks under `folder`.

    `code` is where the measured mlflowflow lies, by default this checkout. `small` is a trial that
    shows that everything works, `peers` False leaves everybody else out, `afresh` makes data anew.
    """

    folder: Path
    code: Path = ROOT
    small: bool = False
    peers: bool = True
    afresh: bool = False
    say: Callable[[str], None] = print

    @property
    def environments(self) -> Environments:
        """Where the interpreters are."""
        return Environments(folder=self.folder)

    def run(self, benchmark: Benchmark) -> Outcome:
        """Run all contenders of a benchmark and judge its goals. Raises `Failed`, `InstallFailed`."""
        contenders = [each for each in benchmark.contenders if self.peers or not each.is_peer]
        for contender in contenders:
            self.environments.install(contender.environment)
        prepared = {contender.name: self._prepared(benchmark, contender) for contender in contenders}
        answers: dict[str, list[Answer]] = {contender.name: [] for contender in contenders}
        for turn in range(1 if self.small else benchmark.repetitions):
            for contender in contenders if turn % 2 == 0 else reversed(contenders):
                if turn == 0 or not contender.once:
                    self.say(f"{benchmark.name}: {contender.name}, turn {turn + 1}")
                    answers[contender.name].append(self._measured(benchmark, contender))
        _check_agreement(benchmark, answers)
        figures = {name: medians(found) | prepared[name] for name, found in answers.items()}
        lines = tuple(line for goal in benchmark.goals if (line := judged(goal, figures)) is not None)
        kept = {name: (prepared[name], *found) for name, found in answers.items()}
        return Outcome(benchmark=benchmark, lines=lines, answers=kept)

    def _prepared(self, benchmark: Benchmark, contender: Contender) -> dict[str, float]:
        """Make a contender's data unless it is there, and return what its making was like."""
        step = contender.preparation
        if step is None:
            return {}
        data = self._data(benchmark, contender)
        kept = data.with_suffix(f".{_ANSWER}")
        asked = {"program": step.program, **step.sized(small=self.small)}
        found = json.loads(kept.read_text()) if kept.is_file() else {}
        if self.afresh or found.get("asked") != asked:
            shutil.rmtree(data, ignore_errors=True)
            kept.unlink(missing_ok=True)
            data.mkdir(parents=True)
            self.say(f"{benchmark.name}: {contender.name}, making its data")
            found = {"asked": asked, "answer": self._call(contender, step, folder=data, data=data)}
            kept.write_text(json.dumps(found))
        return {f"fill.{name}": float(figure) for name, figure in found["answer"].items()}

    def _data(self, benchmark: Benchmark, contender: Contender) -> Path:
        size = "small" if self.small else "full"
        return self.folder / "data" / f"{benchmark.name}-{contender.name.replace(' ', '-')}-{size}"

    def _measured(self, benchmark: Benchmark, contender: Contender) -> Answer:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            data = self._data(benchmark, contender)
            return self._call(contender, contender.measured, folder=Path(folder), data=data)

    def _call(self, contender: Contender, step: Step, *, folder: Path, data: Path) -> Answer:
        python = self.environments.python(contender.environment)

        def filled(value: Any) -> Any:
            return value.format(folder=folder, data=data, python=python) if isinstance(value, str) else value

        environment = OURS if step.from_outside else contender.environment
        arguments = {name: filled(value) for name, value in step.sized(small=self.small).items()}
        path = os.pathsep.join((str(self.code), str(ROOT))) if environment == OURS else str(ROOT)
        environ = {name: filled(value) for name, value in contender.environ.items()}
        done = subprocess.run(
            # -P: the current folder is no place to import from, so that `code` decides what is measured
            [
                self.environments.python(environment),
                *("-P", "-m", f"benchmarks.programs.{step.program}", json.dumps(arguments)),
            ],
            cwd=folder,
            env=child_environ({**environ, "PYTHONPATH": path}),
            capture_output=True,
            text=True,
            check=False,
        )
        found = read_answer(done.stdout)
        if done.returncode != 0 or found is None:
            raise Failed(
                f"The program '{step.program}' of '{contender.name}' ended with {done.returncode}:\n{done.stderr}"
            )
        return found


def medians(answers: Iterable[Answer]) -> dict[str, float]:
    """Return the median of every figure; counts of several things are added up first.

    >>> medians([{"s": 1.0}, {"s": 9.0}, {"s": 2.0}])
    {'s': 2.0}
    """
    gathered: dict[str, list[float]] = {}
    for answer in answers:
        for name, value in answer.items():
            number = sum(value.values()) if isinstance(value, dict) else value
            gathered.setdefault(name, []).append(number)
    return {name: statistics.median(numbers) for name, numbers in gathered.items()}


def _check_agreement(benchmark: Benchmark, answers: Mapping[str, list[Answer]]) -> None:
    found = {name: answer[_CHECK] for name, each in answers.items() for answer in each if _CHECK in answer}
    if len(set(found.values())) > 1:
        raise Failed(f"The contenders of '{benchmark.name}' do not find the same: {found}.")
