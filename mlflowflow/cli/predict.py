"""``mlff models predict``: ask a model about the rows of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.orchestration.scoring import ScoringProgress

_WRAPPED: Final = ("dataframe_split", "dataframe_records", "instances", "inputs")


@click.command("predict")
@click.argument("uri")
@click.argument("input_path", metavar="INPUT")
@click.argument("output_path", metavar="OUTPUT", type=click.Path(path_type=Path))
@click.option(
    "--cluster", metavar="CLUSTER", help="Where to work: local:4, a scheduler's address or a cluster file."
)
@click.option(
    "--keep", multiple=True, metavar="COLUMN", help="Copy this column, such as a key, to the output."
)
@click.option("--column", "columns", multiple=True, metavar="COLUMN", help="Give the model this column only.")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the model.")
@click.option(
    "--batch-rows",
    type=click.IntRange(min=1),
    default=65_536,
    show_default=True,
    help="Rows in memory at a time.",
)
@click.option(
    "--rows-per-task",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="Rows of a task.",
)
@click.option("--no-code", is_flag=True, help="Refuse a model that can run code when it is loaded.")
@store_option
@json_option
def predict(
    uri: str,
    input_path: str,
    output_path: Path,
    *,
    cluster: str | None,
    keep: tuple[str, ...],
    columns: tuple[str, ...],
    params: tuple[str, ...],
    batch_rows: int,
    rows_per_task: int,
    no_code: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Ask a model about the rows of files.

    URI is a model's address, such as models:/price@champion. INPUT is a folder or pattern of Parquet
    files and OUTPUT a folder, which a repeated call completes; or both are one CSV or JSON file.
    """
    _point_at(store)
    given = _params(params)
    suffix = Path(input_path).suffix
    if suffix in _READERS:
        rows = _predict_file(uri, Path(input_path), output_path, params=given, allow_code=not no_code)
        facts: dict[str, Any] = {"output": str(output_path), "rows": rows}
    else:
        from mlflowflow.orchestration.scoring import nobody, predict_parquet

        found = predict_parquet(
            uri,
            input_path,
            output_path,
            cluster=cluster,
            columns=columns or None,
            keep=keep,
            params=given,
            batch_rows=batch_rows,
            rows_per_task=rows_per_task,
            allow_code=not no_code,
            progress=nobody if as_json else _show,
        )
        facts = {name: getattr(found, name) for name in found.__slots__}
    if as_json:
        print_json(facts)
        return
    seconds = f" in {facts['seconds']:.1f} s" if "seconds" in facts else ""
    click.echo(f"{facts['rows']} rows were answered{seconds}; the predictions are in '{facts['output']}'.")


def _point_at(store: str | None) -> None:
    """Look models up in `store`, if it was named."""
    from mlflowflow.tracking.fluent.session import current_session

    if store is not None:
        current_session().set_tracking_uri(store)


def _show(progress: ScoringProgress) -> None:
    click.echo(
        f"{progress.done_parts} of {progress.parts} parts, {progress.done_rows} of {progress.rows} rows",
        err=True,
    )


def _params(texts: tuple[str, ...]) -> dict[str, Any]:
    """Read ``name=value``; a value is JSON if it can be, and text otherwise."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidInput(f"'{text}' is no parameter; expected name=value.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _predict_file(
    uri: str, source: Path, target: Path, *, params: Mapping[str, Any], allow_code: bool
) -> int:
    from mlflowflow.models.loading import load_model
    from mlflowflow.models.scoring.answers import as_columns

    if target.suffix not in _READERS:
        raise InvalidInput(f"'{target}' is neither a .csv nor a .json file, and INPUT is a single file.")
    data = _READERS[source.suffix](source)
    answer = load_model(uri, allow_code=allow_code).predict(data, params or None)
    table = as_columns(answer, rows=len(data), prediction="prediction").to_pandas()
    temporary = target.with_name(f".{target.name}.tmp")
    if target.suffix == ".csv":
        table.to_csv(temporary, index=False)
    else:
        values = table.iloc[:, 0].tolist() if table.shape[1] == 1 else table.to_dict(orient="records")
        temporary.write_text(json.dumps({"predictions": values}, default=str) + "\n", encoding="utf-8")
    temporary.replace(target)
    return len(table)


def _read_csv(path: Path) -> Any:
    import pandas as pd

    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"'{path}' cannot be read as CSV: {error}.") from error


def _read_json(path: Path) -> Any:
    """Read a list of rows, or what a scoring server would be sent."""
    import pandas as pd

    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"'{path}' cannot be read as JSON: {error}.") from error
    match tree:
        case {"dataframe_split": dict() as split}:
            return pd.DataFrame(split.get("data"), columns=split.get("columns"))
        case {"dataframe_records": [*rows]} | [*rows]:
            return pd.DataFrame(rows)
        case {"instances": rows} | {"inputs": rows}:
            return pd.DataFrame(rows)
        case _:
            raise InvalidInput(
                f"'{path}' is neither a list of rows nor an object with one of {', '.join(_WRAPPED)}."
            )


_READERS: Final[Mapping[str, Callable[[Path], Any]]] = {".csv": _read_csv, ".json": _read_json}
