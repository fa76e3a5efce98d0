"""``python -m benchmarks [NAME …]``: run all benchmarks, or some, and print one table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.catalogue import BENCHMARKS
from benchmarks.environment import ROOT, Environments, InstallFailed
from benchmarks.report import as_json, table
from benchmarks.runner import Failed, Outcome, Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES: Final = {benchmark.name: benchmark for benchmark in BENCHMARKS}
_PEERS: Final = ("mlflow", "trackio")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; the exit code says whether everything could be measured."""
    asked = _parser().parse_args(arguments)
    try:
        return _pin_newest(asked) if asked.pin_newest else _run(asked)
    except InstallFailed as error:
        print(error, file=sys.stderr)
        return 1


def _pin_newest(asked: argparse.Namespace) -> int:
    for name in _PEERS:
        Environments(folder=asked.folder).pin_newest(name)
    return 0


def _run(asked: argparse.Namespace) -> int:
    runner = Runner(
        folder=asked.folder,
        code=asked.code,
        small=asked.small,
        peers=not asked.ours_only,
        afresh=asked.afresh,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    outcomes: list[Outcome] = []
    failures: list[Failed] = []
    for name in asked.names or _NAMES:
        try:
            outcomes.append(runner.run(_NAMES[name]))
        except Failed as error:
            failures.append(error)
    print(as_json(outcomes) if asked.json else table(outcomes))
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=(*_NAMES, []), metavar="NAME", help=", ".join(_NAMES))
    parser.add_argument("--json", action="store_true", help="print everything that was measured as JSON")
    parser.add_argument(
        "--ours-only", action="store_true", help="leave the peers out, and do not install them"
    )
    parser.add_argument(
        "--small", action="store_true", help="a trial of a few seconds; its figures mean nothing"
    )
    parser.add_argument("--afresh", action="store_true", help="make the data of searches and lookups anew")
    parser.add_argument("--pin-newest", action="store_true", help="pin the newest peers instead of measuring")
    parser.add_argument(
        "--code", type=Path, default=ROOT, metavar="FOLDER", help="measure the mlflowflow that lies there"
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "build" / "bench", help="where environments and data are kept"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
