"""How runs, experiments and comparisons look in a notebook: plain HTML tables in its own colours.

Nothing is loaded and nothing runs: a notebook that somebody sends may be opened by anybody. Every
text is escaped, for names and tags come from wherever runs were made.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.views.comparison import Cell, Comparison

_TABLE: Final = "border-collapse:collapse;margin:.4em 0"
_HEAD: Final = "text-align:left;padding:.15em .8em;border-bottom:1px solid currentColor"
_CELL: Final = "text-align:left;padding:.15em .8em;font-variant-numeric:tabular-nums"
#: A notebook with a thousand metrics in it cannot be scrolled past.
_ROWS: Final = 200


def run_html(run: Run) -> str:
    """Return a run as HTML: what it is, its params and metrics, and the tags somebody set."""
    from mlflowflow.tracking.views.columns import SYSTEM_TAGS

    info = run.info
    facts = {
        "run": info.run_id,
        "experiment": info.experiment_id,
        "status": info.status.value,
        "started": moment(info.start_time),
        "ended": moment(info.end_time),
        "by": info.user_id,
    }
    own = {key: text for key, text in run.data.tags.items() if not key.startswith(SYSTEM_TAGS)}
    return "".join(
        (
            f"<div><strong>{escape(info.run_name or info.run_id)}</strong>",
            pairs("", facts),
            pairs("params", run.data.params),
            pairs("metrics", {key: number(value) for key, value in run.data.metrics.items()}),
            pairs("tags", own),
            "</div>",
        )
    )


def experiment_html(experiment: Experiment) -> str:
    """Return an experiment as HTML."""
    facts = {
        "experiment": experiment.experiment_id,
        "stage": experiment.lifecycle_stage.value,
        "created": moment(experiment.creation_time),
        "artifacts": experiment.artifact_location,
    }
    head = f"<div><strong>{escape(experiment.name)}</strong>"
    return f"{head}{pairs('', facts)}{pairs('tags', experiment.tags)}</div>"


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as HTML: a column per run, a row per key, the best metric in bold."""
    heads = ["", *(run.info.run_name or run.info.run_id for run in comparison.runs)]
    rows = [
        [escape(f"{row.family}.{row.key}"), *_marked(row.cells, row.best)] for row in comparison.rows[:_ROWS]
    ]
    left = len(comparison.rows) - len(rows)
    more = f"<p>… and {left} rows more.</p>" if left else ""
    none = "" if rows else "<p>The runs agree in everything.</p>"
    return f"<div>{table(heads, rows)}{more}{none}</div>"


def number(value: float) -> str:
    """Write a metric as people read it.

    >>> number(0.12345678), number(3.0), number(float("nan"))
    ('0.123457', '3', 'nan')
    """
    return f"{value:.6g}"


def _marked(cells: Sequence[Cell], best: frozenset[int]) -> Iterable[str]:
    for at, cell in enumerate(cells):
        text = "-" if cell is None else escape(cell if isinstance(cell, str) else number(cell))
        yield f"<strong>{text}</strong>" if at in best else text


def pairs(title: str, facts: Mapping[str, str]) -> str:
    """Return names and values as a table under `title`: in the order given, or sorted if it has one."""
    if not facts:
        return ""
    shown = (
        [[escape(key), escape(text)] for key, text in sorted(facts.items())[:_ROWS]]
        if title
        else [[escape(key), escape(text)] for key, text in facts.items()]
    )
    more = f"<p>… and {len(facts) - len(shown)} {title} more.</p>" if len(facts) > len(shown) else ""
    return f"{table([title, ''] if title else [], shown)}{more}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. Headings are texts; cells are HTML already, so that some can be bold."""
    head = "".join(f'<th style="{_HEAD}">{escape(text)}</th>' for text in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f'<table style="{_TABLE}">{f"<tr>{head}</tr>" if heads else ""}{body}</table>'
