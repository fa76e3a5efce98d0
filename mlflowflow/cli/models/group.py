"""``mlff models``: look at registered models, their history, roll back, and ask one about data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import (
    at_option,
    json_option,
    open_catalog,
    open_journal,
    registry_address,
    store_option,
)
from mlflowflow.cli.predict import predict
from mlflowflow.cli.render import print_json, print_table
from mlflowflow.clock import iso, moment
from mlflowflow.registry.search import search_models
from mlflowflow.registry.wording import what, why

if TYPE_CHECKING:
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import ModelVersion, RegisteredModel


@click.group()
def models() -> None:
    """Look at registered models, roll back, and ask a model about data."""


models.add_command(predict)


@models.command("list")
@store_option
@json_option
def list_models(store: str | None, as_json: bool) -> None:
    """List registered models with their aliases."""
    found = search_models(open_catalog(store).list_models())
    if as_json:
        print_json(
            [
                {"name": each.name, "versions": len(each.versions), "aliases": dict(each.aliases)}
                for each in found
            ]
        )
        return
    print_table(
        ("model", "versions", "aliases"),
        [
            (
                each.name,
                str(len(each.versions)),
                ", ".join(f"{alias} → {v}" for alias, v in sorted(each.aliases.items())),
            )
            for each in found
        ],
        empty="No model is registered. 'mlff run examples/digits -e retrain' registers one.",
    )


@models.command("show")
@click.argument("name")
@at_option
@store_option
@json_option
def show(name: str, at_us: int | None, store: str | None, as_json: bool) -> None:
    """Show a model, now or at a past time."""
    model = open_catalog(store).get_model(name, at_us=at_us)
    if as_json:
        print_json(model_to_json(model))
        return
    click.echo(f"{model.name}  {model.description or ''}".rstrip())
    print_table(
        ("version", "aliases", "stage", "created", "run"),
        [
            (str(v.version), ", ".join(v.aliases), v.stage.value, moment(v.creation_time), v.run_id or "-")
            for v in model.versions
        ],
        empty="It has no version.",
    )


def model_to_json(model: RegisteredModel) -> dict[str, Any]:
    """Return a model as JSON can say it."""
    return {
        "name": model.name,
        "description": model.description,
        "aliases": dict(model.aliases),
        "tags": dict(model.tags),
        "versions": [version_to_json(each) for each in model.versions],
    }


def version_to_json(version: ModelVersion) -> dict[str, Any]:
    """Return a version as JSON can say it."""
    return {
        "version": version.version,
        "stage": version.stage.value,
        "aliases": list(version.aliases),
        "source": version.source,
        "run_id": version.run_id,
        "digest": version.digest,
        "model_id": version.model_id,
        "copied_from": version.copied_from,
        "creation_time": version.creation_time,
        "tags": dict(version.tags),
    }


@models.command("history")
@click.argument("name")
@store_option
@json_option
def history(name: str, store: str | None, as_json: bool) -> None:
    """Show every decision about a model: who, what, when and why."""
    entries = open_catalog(store).history(name)
    if as_json:
        print_json([entry_to_json(each) for each in entries])
        return
    print_table(
        ("#", "when", "who", "what", "why"),
        [(str(each.seq), iso(each.at_us), each.actor, what(each.change), why(each)) for each in entries],
        empty=f"Nothing was decided about '{name}'.",
    )


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return a decision as JSON can say it."""
    from mlflowflow.registry.change import to_json

    return {
        "model": entry.model,
        "seq": entry.seq,
        "at": iso(entry.at_us),
        "actor": entry.actor,
        "what": what(entry.change),
        "why": why(entry),
        "change": to_json(entry.change),
        "digest": entry.digest,
        "prev": entry.prev,
    }


@models.command("alias")
@click.argument("name")
@click.argument("alias")
@click.argument("version", type=int)
@click.option("--reason", default="", help="Why, for the history.")
@store_option
@json_option
def set_alias(name: str, alias: str, version: int, *, reason: str, store: str | None, as_json: bool) -> None:
    """Point an alias at a version by hand.

    No gate is asked; the history says so.
    """
    catalog = open_catalog(store)
    catalog.set_alias(name, alias, version, reason=reason)
    if as_json:
        print_json(version_to_json(catalog.get_version(name, version)))
        return
    click.echo(f"{name}@{alias} is version {version}.")


@models.command("rollback")
@click.argument("name")
@click.option("--alias", default="champion", show_default=True, help="The alias to move back.")
@click.option(
    "--to", "version", type=int, metavar="VERSION", help="To this version.  [default: the one before]"
)
@click.option("--reason", default="", help="Why, for the history.")
@store_option
@json_option
def rollback(
    name: str, *, alias: str, version: int | None, reason: str, store: str | None, as_json: bool
) -> None:
    """Move an alias back to the version that held it before."""
    restored = open_catalog(store).rollback(name, alias, to=version, reason=reason)
    if as_json:
        print_json(version_to_json(restored))
        return
    click.echo(f"{name}@{alias} is version {restored.version} again.")


@models.command("why")
@click.argument("name")
@click.argument("version", type=int)
@store_option
@json_option
def explain(name: str, version: int, *, store: str | None, as_json: bool) -> None:
    """Show what gates found about a version."""
    from mlflowflow.gates.archive import VerdictArchive
    from mlflowflow.gates.report import lines
    from mlflowflow.registry.change import GateEvaluated, Promoted
    from mlflowflow.storage.location import open_store

    history = open_catalog(store).history(name)
    archive = VerdictArchive.about(open_store(registry_address(store)), name, history)
    weighed = [
        (entry, archive.get(entry.change.verdict).verdict)
        for entry in history
        if isinstance(entry.change, Promoted | GateEvaluated) and entry.change.version == version
    ]
    if as_json:
        print_json([{**entry_to_json(entry), "verdict": verdict.to_plain()} for entry, verdict in weighed])
        return
    for entry, verdict in weighed:
        click.echo(f"{iso(entry.at_us)}  {what(entry.change)}")
        click.echo("\n".join(lines(verdict)))
    if not weighed:
        click.echo(f"No gate has weighed version {version} of '{name}'.")


@models.command("approve")
@click.argument("name")
@click.argument("verdict")
@click.option("--comment", required=True, help="Why, for the history.")
@store_option
@json_option
def approve(name: str, verdict: str, *, comment: str, store: str | None, as_json: bool) -> None:
    """Promote what a gate held.

    VERDICT is the start of its digest, which `mlff models why` shows.
    """
    from mlflowflow.gates.approval import approve as approve_verdict

    promotion = approve_verdict(
        name, verdict, catalog=open_catalog(store), journal=open_journal(store), comment=comment
    )
    if as_json:
        print_json({**entry_to_json(promotion.entry), "sentence": promotion.sentence})
        return
    click.echo(promotion.sentence)


@models.command("verify")
@click.argument("name")
@store_option
@json_option
def verify(name: str, store: str | None, as_json: bool) -> None:
    """Check that a model's history is intact.

    All decisions are replayed, also those under former names: none was changed, inserted or removed.
    The digest of the last one, kept elsewhere, proves later that none was cut off.
    """
    found = open_catalog(store).verify(name)
    if as_json:
        print_json({"names": list(found.names), "decisions": found.entries, "head": found.head})
        return
    click.echo(f"All {found.entries} decisions about '{name}' are intact.")
