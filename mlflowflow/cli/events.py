"""``mlff events``: the journal, and the relay that makes its events arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, open_journal, store_option
from mlflowflow.cli.render import print_json, print_table
from mlflowflow.clock import iso
from mlflowflow.errors import OrchestratorUnavailable

if TYPE_CHECKING:
    from mlflowflow.events.journal import Event


@click.group()
def events() -> None:
    """Look at the journal of events, and offer them again."""


@events.command("list")
@click.option("--name", metavar="NAME", help="Only events of this name, such as mlff.candidate.ready.")
@store_option
@json_option
def list_events(name: str | None, store: str | None, as_json: bool) -> None:
    """List events, the oldest first."""
    found = open_journal(store).list(name)
    if as_json:
        print_json([_to_json(each) for each in found])
        return
    print_table(
        ("when", "event", "about", "id"),
        [(iso(each.occurred_us), each.name, each.subject, each.id) for each in found],
        empty="There are no such events.",
    )


def _to_json(event: Event) -> dict[str, Any]:
    from mlflowflow.events.canonical import plain

    return {
        "id": event.id,
        "name": event.name,
        "subject": event.subject,
        "occurred": iso(event.occurred_us),
        "payload": plain(event.payload),
        "follows": event.follows,
    }


@events.command("relay")
@click.option(
    "--consumer", default="promote", show_default=True, help="Who should have acknowledged the events."
)
@click.option(
    "--name", default="mlff.candidate.ready", show_default=True, help="Which events to offer again."
)
@store_option
@json_option
def relay(consumer: str, name: str, store: str | None, as_json: bool) -> None:
    """Offer Prefect every event that its consumer has not acknowledged.

    Safe to repeat and to schedule: a consumer that gets an event twice acts once.
    """
    from mlflowflow.events.relay import relay as relay_events
    from mlflowflow.orchestration.bus import offer
    from mlflowflow.orchestration.prefect_api import check_answers, configured_api

    url = configured_api()
    if url is None:
        raise OrchestratorUnavailable(
            "There is no Prefect server to offer events to. Start one with 'prefect server start' and set "
            "PREFECT_API_URL to its address, such as http://127.0.0.1:4200/api."
        )
    check_answers(url)
    offered = relay_events(open_journal(store), consumer=consumer, offer=offer, name=name)
    if as_json:
        print_json([_to_json(each) for each in offered])
        return
    noun = "event" if len(offered) == 1 else "events"
    click.echo(f"Offered {len(offered)} {noun} that '{consumer}' has not acknowledged.")
