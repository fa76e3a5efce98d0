"""A server under eight clients: batches of 1,000 points, and runs begun."""

from __future__ import annotations

import json
from functools import partial
from typing import Final

from benchmarks.programs.protocol import answer
from benchmarks.programs.server import Client, at_once, running
from benchmarks.programs.workload import values

_POINTS: Final = 1_000


def measure(*, server: str, folder: str, clients: int, batches: int, creates: int) -> dict[str, float]:
    """Start `server` on the empty `folder`; each of `clients` sends so many batches and begins so many runs."""
    with running(server, folder) as started:
        connected = [Client(started.port) for _ in range(clients)]
        runs = [each.begin() for each in connected]
        bodies = [_bodies(run_id, batches) for run_id in runs]  # made before the clock starts
        work = zip(connected, bodies, strict=True)
        batch_s = at_once([partial(_send, client, each) for client, each in work])
        create_s = at_once([partial(_begin, client, creates) for client in connected])
        return {
            "batch_ms": batch_s * 1000 / (clients * batches),
            "create_ms": create_s * 1000 / (clients * creates),
            "peak_mib": started.peak_mib(),
        }


def _bodies(run_id: str, count: int) -> list[bytes]:
    points = values(_POINTS)
    return [
        json.dumps(
            {
                "run_id": run_id,
                "metrics": [
                    {"key": "loss", "value": value, "timestamp": 1_700_000_000_000 + step, "step": step}
                    for step, value in enumerate(points, start=number * _POINTS)
                ],
            }
        ).encode()
        for number in range(count)
    ]


def _send(client: Client, bodies: list[bytes]) -> None:
    for body in bodies:
        client.post("runs/log-batch", body)


def _begin(client: Client, count: int) -> None:
    for _ in range(count):
        client.begin()


if __name__ == "__main__":
    answer(measure)
