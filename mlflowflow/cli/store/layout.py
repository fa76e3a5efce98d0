"""``mlff store layout``: how other programs read the files."""

from __future__ import annotations

import click


@click.command("layout")
def layout() -> None:
    """Explain the files of a store, for programs that read them without mlflowflow.

    It is a page in Markdown: where everything lies, the columns of every kind of file, which files
    count, and recipes for DuckDB, Polars, pandas and Spark.
    """
    from mlflowflow.sql.layout_page import layout_page

    click.echo(layout_page(), nl=False)
