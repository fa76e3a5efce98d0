"""What README.md shows of sweeps is what the library takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.projects.sections import FIXED_OUTPUTS
from mlflowflow.projects.spec import parse_project
from mlflowflow.projects.sweep_spec import PRUNER_OPTIONS, SAMPLER_OPTIONS, Selection, SweepSpec, TrialPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION: Final = README.split("\n## A sweep\n")[1].split("\n## ")[0]


def block(language: str) -> str:
    """Return the section's one block of code in `language`."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", SECTION, flags=re.DOTALL)
    return str(found)


def declared() -> SweepSpec:
    """Return the sweep that the section's file declares."""
    return parse_project(block("yaml"), path="MLproject", root=Path("churn")).sweeps["tune"]


def options_in(table: str) -> dict[str, set[str]]:
    """Return what the table under the heading `table` says each method knows, by the method's name."""
    rows = SECTION.split(f"| `{table}` |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")[1:4]] for row in rows]
    names = [re.findall("`(.*?)`", name)[0] for name, _, _ in cells]
    return {
        name: set(re.findall("`(.*?)`", options)) for name, (_, options, _) in zip(names, cells, strict=True)
    }


def test_the_file_says_everything_that_can_be_said() -> None:
    """Every field of a sweep is written in the example, and most are not what they are by default."""
    spec = declared()
    for key in ("params", "constraints", "start_from", "pruner", "stop", "select", "dedupe", "visibility"):
        assert f"    {key}: " in block("yaml")
    assert spec.trial != TrialPolicy()
    assert spec.trial.resources is not None
    assert spec.select == Selection(
        by="val_auc", among=spec.select.among, refit=True, refit_params={"fit_on": "all"}
    )
    assert spec.start_from == ({"model": "gbm", "depth": 4, "lr": 0.1}, "models:/churn@champion")


def test_python_says_the_same() -> None:
    """The program of the second example makes the space, the objectives and the methods of the file."""
    names: dict[str, Any] = {}
    exec(block("python").split("result = ")[0], names)
    made, spec = names["tune"].spec, declared()
    assert (made.space, made.objectives, made.constraints) == (spec.space, spec.objectives, spec.constraints)
    assert (made.sampler, made.pruner, made.parallel) == (spec.sampler, spec.pruner, spec.parallel)
    assert (made.name, made.select.among) == ("train", spec.select.among)


def test_the_tables_are_complete() -> None:
    """Each sampler and pruner has a row with the options that it knows."""
    samplers: Mapping[str, set[str]] = {
        name: set(options) - {"seed"} for name, options in SAMPLER_OPTIONS.items()
    }
    assert options_in("sampler") == samplers
    told = options_in("pruner")
    same_as_above = {"percentile": "median", "hyperband": "asha"}
    known = {name: options | told.get(same_as_above.get(name, ""), set()) for name, options in told.items()}
    assert known == {name: set(options) for name, options in PRUNER_OPTIONS.items()}


def test_what_a_step_offers_is_told() -> None:
    """Whoever writes a pipeline finds every output of a sweep."""
    paragraph = SECTION.split("**As a step**")[1].split("\n\n")[0]
    assert {name for name in FIXED_OUTPUTS["sweep"] if f"`{name}`" not in paragraph} == set()
