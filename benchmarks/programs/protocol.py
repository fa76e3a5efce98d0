"""How a measured program is told what to do and says what it found.

One JSON object on the command line, one on a marked line of standard output, where libraries print
too. A peer's environment has nothing of ours installed, so this needs the standard library only.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MARK: Final = "answer: "


def answer(measure: Callable[..., Mapping[str, Any]]) -> None:
    """Call `measure` with the arguments on the command line and print what it returns."""
    found = dict(measure(**json.loads(sys.argv[1])))
    print(f"\n{_MARK}{json.dumps(found)}", flush=True)


def read_answer(output: str) -> dict[str, Any] | None:
    """Return the answer in what a program printed, None if there is none.

    >>> read_answer('Hello from a peer. ' + chr(10) + 'answer: {"seconds": 1.5}' + chr(10) + 'Bye.')
    {'seconds': 1.5}
    """
    marked = [line.removeprefix(_MARK) for line in output.splitlines() if line.startswith(_MARK)]
    return json.loads(marked[-1]) if marked else None
