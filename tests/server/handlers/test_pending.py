"""What waits for a decision is told with the command that settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.events.journal import Journal
from mlflowflow.gates.approval import approve
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.policy import WhenNoChampion
from mlflowflow.gates.proposal import CANDIDATE_READY, PROMOTE_CONSUMER, propose
from mlflowflow.registry.change import GateEvaluated
from tests.gates.examples import QUALITY, alone, policy

if TYPE_CHECKING:
    from tests.server.asking import Asking

_URL = "/api/mlff/1/pending"
_VERDICT = "ab" * 32


def _get(ask: Asking) -> Any:
    answer = ask.client.request("GET", _URL)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _weigh(ask: Asking, outcome: str, *, verdict: str = _VERDICT) -> None:
    version = ask.desk.catalog.create_version("digits", source="runs:/a/model").version
    ask.desk.catalog.decide(
        "digits",
        lambda _state: GateEvaluated(
            alias="champion", version=version, outcome=outcome, verdict=verdict, sentence="Not sure."
        ),
    )


def test_nothing_waits_in_an_empty_registry(ask: Asking) -> None:
    """And nothing stands."""
    assert _get(ask) == {"waiting": [], "refused": []}


def test_what_a_gate_held_is_approved_by_a_command(ask: Asking) -> None:
    """Which names the verdict; a refusal is explained by another."""
    _weigh(ask, "HELD")
    _weigh(ask, "FAILED")
    (held,), (refused,) = (_get(ask)[part] for part in ("waiting", "refused"))
    assert held == {
        "model": "digits",
        "version": 1,
        "place": "champion",
        "outcome": "HELD",
        "sentence": "Not sure.",
        "at_ms": held["at_ms"],
        "command": "mlff models approve digits abababababab --comment WHY",
    }
    assert (refused["version"], refused["outcome"]) == (2, "FAILED")
    assert refused["command"] == "mlff models why digits 2"


def test_an_announced_candidate_waits_until_it_was_decided_about(ask: Asking) -> None:
    """Those whose announcement says nothing are passed over; each change is another version of the answer."""
    journal = Journal(ask.desk.tracker.store)
    tag = ask.client.request("GET", _URL).headers["etag"]
    journal.record(CANDIDATE_READY, subject="models:/digits/9")
    event = propose(policy(), version=4, evaluations=["r"], journal=journal)
    answer = ask.client.request("GET", _URL, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    (row,) = answer.json()["waiting"]
    assert (row["version"], row["place"], row["outcome"]) == (4, "champion", "ANNOUNCED")
    assert row["command"] == "mlff events relay"
    journal.acknowledge(event.id, PROMOTE_CONSUMER)
    assert _get(ask)["waiting"] == []


def test_the_command_is_right(ask: Asking) -> None:
    """So many digits of the verdict are enough to approve it, and then nothing waits."""
    asks = policy(QUALITY, when_no_champion=WhenNoChampion.REQUIRE_APPROVAL)
    verdict = VerdictArchive(ask.desk.catalog.store, "digits").keep(asks, alone(accuracy=0.95))
    _weigh(ask, "HELD", verdict=verdict.digest)
    *_, model, digits, _option, why = _get(ask)["waiting"][0]["command"].split()
    journal = Journal(ask.desk.tracker.store)
    assert approve(model, digits, catalog=ask.desk.catalog, journal=journal, comment=why).moved
    assert _get(ask)["waiting"] == []
