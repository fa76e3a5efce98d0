"""One page about a sweep: what it was, what came out, and its pictures.

The page needs no other file, no script and no network: pictures are inside, and a policy in the page
itself forbids the rest. It is light or dark as its reader wishes.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import iso
from mlflowflow.gates.policy import Goal
from mlflowflow.plots.axis import number
from mlflowflow.plots.markup import FONTS, dark_sheet
from mlflowflow.plots.palette import TONES
from mlflowflow.projects.duration import format_duration
from mlflowflow.projects.value import as_text
from mlflowflow.sweeps.plots.look import LOOKS
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.plots.picture import Picture
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: So many trials are listed.
_LISTED: Final = 10
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_RULES: Final = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);line-height:1.5}
h1{font-size:1.5rem;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p,caption,th,nav{color:var(--muted)}
a{color:var(--blue)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:.75rem 0;padding:0}
.wide{overflow-x:auto;margin:0 0 1rem}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem 1.25rem .25rem 0;border-bottom:1px solid var(--grid)}
th{font-weight:500;white-space:nowrap}
.number{text-align:right}
figure{margin:1.5rem 0;overflow-x:auto}
svg{display:block;max-width:100%;min-width:36rem;height:auto}
"""


def page_of(history: SweepHistory, pictures: Sequence[Picture]) -> str:
    """Return the page as HTML. Raises `MissingExtra` without Matplotlib."""
    name = escape(history.sweep.name)
    shown = [each for each in pictures if not each.is_empty]
    links = "".join(f'<li><a href="#{each.name}">{escape(each.title)}</a></li>' for each in shown)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Sweep {name}</title>\n<style>{_sheet()}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>Sweep {name}</h1>\n<p>{escape(_sentence(history))}</p>\n</header>\n<main>\n"
        f"{_facts(history)}{_trials(history)}"
        f'<h2>Pictures</h2>\n<nav aria-label="Pictures"><ul>{links}</ul></nav>\n'
        f"{''.join(_figure(each) for each in pictures)}</main>\n</body>\n</html>\n"
    )


def _sheet() -> str:
    light = "".join(f"--{tone}:{value};" for tone, (value, _) in TONES.items())
    dark = "".join(f"--{tone}:{value};" for tone, (_, value) in TONES.items())
    return (
        f":root{{color-scheme:light dark;font-family:{FONTS};{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{_RULES}{dark_sheet()}"
    )


def _figure(picture: Picture) -> str:
    if picture.is_empty:
        return (
            f'<section id="{picture.name}"><h2>{escape(picture.title)}</h2>'
            f"<p>{escape(picture.empty)}</p></section>\n"
        )
    return f'<figure id="{picture.name}">{picture.svg(sheet=False).strip()}</figure>\n'


def _sentence(history: SweepHistory) -> str:
    if history.ended is None:
        return "It has not ended."
    return f"It ended: {history.ended.sentence.removesuffix('.')}."


def _facts(history: SweepHistory) -> str:
    sweep = history.sweep
    counts = [f"{count} {state.lower()}" for state in LOOKS if (count := history.count(state))]
    objectives = [f"{_verb(each.goal)} {each.metric}" for each in sweep.objectives]
    rows = [
        ("run", history.run_id),
        ("entry point", sweep.entry_point),
        ("objective" if len(objectives) == 1 else "objectives", ", ".join(objectives)),
        *(("constraint", _between(each.metric, each.min, each.max)) for each in sweep.constraints),
        ("sampler", f"{sweep.sampler.name}, seed {history.opened.seed}"),
        *([("pruner", str(sweep.pruner.name))] if sweep.pruner.name != "none" else []),
        ("trials", ", ".join(counts) or "none"),
        ("began", iso(history.opened_us)),
        ("coordinated for", format_duration(round(history.elapsed_s))),
        ("workers busy for", format_duration(round(sum(each.seconds for each in history.trials)))),
        *([("cost", number(history.cost))] if history.cost else []),
    ]
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows
    )
    return f'<div class="wide"><table><caption>What it was</caption><tbody>{body}</tbody></table></div>\n'


def _verb(goal: Goal) -> str:
    return "minimize" if goal is Goal.MINIMIZE else "maximize"


def _between(metric: str, low: float | None, high: float | None) -> str:
    ends = [f"at least {number(low)}"] if low is not None else []
    ends += [f"at most {number(high)}"] if high is not None else []
    return f"{metric} {' and '.join(ends)}"


def _trials(history: SweepHistory) -> str:
    """List the best trials: the front if there are several objectives, otherwise by value."""
    sweep = history.sweep
    several = len(sweep.objectives) > 1
    ordered = _ordered(history, history.front if several else history.trials)
    if not ordered:
        return ""
    columns = [*(each.metric for each in sweep.objectives), *(each.name for each in sweep.space)]
    head = "".join(f'<th scope="col" class="number">{escape(each)}</th>' for each in ("trial", *columns))
    body = "".join(_row(history, each) for each in ordered[:_LISTED])
    what = "Trials that no other beats in every objective" if several else "The best trials"
    more = f", {_LISTED} of {len(ordered)}" if len(ordered) > _LISTED else ""
    return (
        f'<div class="wide"><table><caption>{what}{more}</caption>'
        f'<thead><tr>{head}<th scope="col">run</th></tr></thead><tbody>{body}</tbody></table></div>\n'
    )


def _ordered(history: SweepHistory, trials: Iterable[TrialRecord]) -> list[TrialRecord]:
    objective = history.sweep.selecting_objective
    at = history.sweep.objectives.index(objective)
    sign = 1.0 if objective.goal is Goal.MINIMIZE else -1.0
    complete = [each for each in trials if each.state is TrialState.COMPLETE]
    return sorted(complete, key=lambda each: (sign * each.values[at], each.number))


def _row(history: SweepHistory, trial: TrialRecord) -> str:
    cells = [
        str(trial.number),
        *(number(value) for value in trial.values),
        *(_written(trial.params.get(each.name)) for each in history.sweep.space),
    ]
    numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
    return f"<tr>{numbers}<td>{trial.run_id}</td></tr>"


def _written(value: Scalar | None) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else as_text(value)
