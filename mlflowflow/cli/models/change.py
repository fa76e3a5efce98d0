"""``mlff models register | stage | tag | copy | rename | delete | download``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlflowflow.cli.context import json_option, open_catalog, open_tracker, store_option
from mlflowflow.cli.models.group import model_to_json, version_to_json
from mlflowflow.cli.render import print_json
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from mlflowflow.registry.version import ModelVersion

_REASON = click.option("--reason", default="", help="Why, for the history.")


def named_version(store: str | None, address: str) -> ModelVersion:
    """Return the version called ``digits/3``, ``digits@champion`` or by a full ``models:/`` address."""
    from mlflowflow.registry.uri import parse_model_uri, resolve_version

    uri = address if address.startswith("models:") else f"models:/{address}"
    return resolve_version(open_catalog(store), parse_model_uri(uri))


def _said(version: ModelVersion, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(version_to_json(version))
    else:
        click.echo(sentence)


@click.command("register")
@click.argument("model_uri")
@click.argument("name")
@store_option
@json_option
def register(model_uri: str, name: str, *, store: str | None, as_json: bool) -> None:
    """Register a model as the next version of NAME.

    MODEL_URI is where it is: runs:/RUN/model, models:/m-ID, a directory, s3://bucket/model.
    """
    from mlflowflow.registry.register import register_model

    with open_tracker(store) as tracker:
        version = register_model(model_uri, name, tracker=tracker, catalog=open_catalog(store))
    _said(version, f"'{model_uri}' is version {version.version} of '{name}'.", as_json=as_json)


@click.command("stage")
@click.argument("name")
@click.argument("version", type=int)
@click.argument("stage")
@click.option("--archive-existing", is_flag=True, help="Archive the other versions in that stage.")
@_REASON
@store_option
@json_option
def stage(
    name: str,
    version: int,
    stage: str,
    *,
    archive_existing: bool,
    reason: str,
    store: str | None,
    as_json: bool,
) -> None:
    """Put a version in a stage: None, Staging, Production or Archived."""
    moved = open_catalog(store).transition_stage(
        name, version, stage, archive_existing=archive_existing, reason=reason
    )
    _said(moved, f"Version {version} of '{name}' is in stage '{moved.current_stage}'.", as_json=as_json)


@click.command("tag")
@click.argument("name")
@click.argument("assignment", metavar="KEY=VALUE")
@click.option("--version", type=int, help="A tag of this version.  [default: of the model]")
@store_option
@json_option
def tag(name: str, assignment: str, *, version: int | None, store: str | None, as_json: bool) -> None:
    """Set a tag of a model or of a version; KEY= removes it."""
    key, given, value = assignment.partition("=")
    if not given:
        raise InvalidInput(f"'{assignment}' sets no tag; expected KEY=VALUE, such as team=vision.")
    catalog = open_catalog(store)
    match version, value:
        case None, "":
            catalog.delete_model_tag(name, key)
        case None, _:
            catalog.set_model_tag(name, key, value)
        case int(), "":
            catalog.delete_version_tag(name, version, key)
        case _:
            catalog.set_version_tag(name, version, key, value)
    if not as_json:
        click.echo(f"{name} {key}={value}" if value else f"{name} has no tag {key} any more.")
    elif version is None:
        print_json(model_to_json(catalog.get_model(name)))
    else:
        print_json(version_to_json(catalog.get_version(name, version)))


@click.command("copy")
@click.argument("version")
@click.argument("name")
@store_option
@json_option
def copy(version: str, name: str, *, store: str | None, as_json: bool) -> None:
    """Register a version's files as the next version of another model.

    VERSION is digits/3, digits@champion or any models:/ address; the copy outlives it.
    """
    source = named_version(store, version)
    made = open_catalog(store).copy_version(source, name)
    _said(made, f"{source.uri} is also version {made.version} of '{name}'.", as_json=as_json)


@click.command("rename")
@click.argument("name")
@click.argument("new_name")
@_REASON
@store_option
@json_option
def rename(name: str, new_name: str, *, reason: str, store: str | None, as_json: bool) -> None:
    """Give a model another name.

    Versions, aliases and history go with it; the old name is refused and names the new one.
    """
    renamed = open_catalog(store).rename_model(name, new_name, reason=reason)
    if as_json:
        print_json(model_to_json(renamed))
        return
    click.echo(f"'{name}' is '{new_name}' now.")


@click.command("delete")
@click.argument("name")
@click.option("--version", type=int, help="Only this version.  [default: the model with all of them]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_REASON
@store_option
@json_option
def delete(
    name: str, *, version: int | None, yes: bool, reason: str, store: str | None, as_json: bool
) -> None:
    """Delete a model or a version; the history stays, and numbers are not given again."""
    catalog = open_catalog(store)
    what = f"the model '{name}' with its {len(catalog.get_model(name).versions)} versions"
    if version is not None:
        what = f"version {catalog.get_version(name, version).version} of '{name}'"
    if not yes:
        click.confirm(f"Delete {what}?", abort=True, err=as_json)
    if version is None:
        catalog.delete_model(name, reason=reason)
    else:
        catalog.delete_version(name, version, reason=reason)
    if as_json:
        print_json({"name": name, "version": version, "deleted": True})
        return
    click.echo(f"Deleted {what}.")


@click.command("download")
@click.argument("version")
@click.argument("folder", type=click.Path(file_okay=False))
@store_option
@json_option
def download(version: str, folder: str, *, store: str | None, as_json: bool) -> None:
    """Copy a version's files into FOLDER, compared with the digest that was registered."""
    from mlflowflow.models.source import Stores, fetched

    found = named_version(store, version)
    with (
        open_tracker(store) as tracker,
        fetched(found.uri, Stores(tracker=tracker, catalog=open_catalog(store)), dst=folder) as place,
    ):
        if as_json:
            print_json({**version_to_json(found), "folder": str(place)})
            return
        click.echo(f"{found.uri} is in '{folder}'.")
