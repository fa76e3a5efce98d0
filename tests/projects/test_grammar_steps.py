"""A step names only what is there, gives only what is taken, and waits for what it looks up."""

from __future__ import annotations

import pytest

from mlflowflow.projects.sections import EntryPointStep, GateStep, RegisterStep, Retries, SweepStep
from tests.projects.examples import changed, mistakes, project, wrong

INGEST = 'params: {seed: "${{ params.seed }}", day: "${{ params.day }}"}'
REGISTER = '{id: register, register: {model: digits, from: "${{ steps.train.outputs.model }}"}}'
VERSION = 'params: {version: "${{ steps.register.outputs.version }}"}'
EVIDENCE = 'evidence: ["${{ steps.train.run_id }}"]'


def test_whole_steps() -> None:
    """Each kind of step arrives with all that is written, durations in seconds."""
    assert project().pipelines["retrain"].steps == (
        EntryPointStep(
            id="ingest",
            entry_point="ingest",
            params={"seed": "${{ params.seed }}", "day": "${{ params.day }}"},
            outputs={"data": "data"},
            retries=Retries(max=1, delay_s=5.0),
        ),
        SweepStep(
            id="tune", sweep="tune", params={"data": "${{ steps.ingest.outputs.data }}"}, needs=("ingest",)
        ),
        EntryPointStep(
            id="train",
            entry_point="train",
            params={"data": "${{ steps.ingest.outputs.data }}", "fit_on": "all"},
            params_from="${{ steps.tune.outputs.best_params }}",
            outputs={"model": "model"},
            needs=("ingest", "tune"),
            timeout_s=3600.0,
        ),
        RegisterStep(
            id="register", model="digits", source="${{ steps.train.outputs.model }}", needs=("train",)
        ),
        GateStep(
            id="promote",
            gate="champion",
            version="${{ steps.register.outputs.version }}",
            evidence=("${{ steps.train.run_id }}",),
            decide="${{ params.promotion }}",
            when_exists="models:/digits@champion",
            needs=("train", "register"),
        ),
    )


@pytest.mark.parametrize(
    "reference",
    [
        "steps.train.metrics.accuracy",
        "steps.tune.outputs.best_params.C",
        "steps.tune.outputs.best_values.val_accuracy",
        "steps.tune.outputs.refit_run_id",
        "steps.tune.outputs.front",
        "steps.tune.run_id",
        "params.day",
    ],
)
def test_paths_that_lead_somewhere(reference: str) -> None:
    """Results of a step are its run, its metrics and its outputs, as deep as they go."""
    step = project(changed(EVIDENCE, f'evidence: ["${{{{ {reference} }}}}"]')).pipelines["retrain"].steps[-1]
    assert isinstance(step, GateStep)
    assert step.evidence == (f"${{{{ {reference} }}}}",)


def test_look_ups_are_needs_wherever_they_stand() -> None:
    """A look-up inside a condition makes the step wait as one in its params does."""
    text = changed('exists: "models:/digits@champion"', 'exists: "${{ steps.tune.outputs.best_run_id }}"')
    assert "tune" in project(text).pipelines["retrain"].steps[-1].needs


def test_written_needs_are_added() -> None:
    """A need that no look-up shows can be written, in any order, and is not repeated."""
    text = changed("id: register, register", "id: register, needs: [train, tune], register")
    assert project(text).pipelines["retrain"].steps[3].needs == ("tune", "train")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "entry_point: ingest\n",
            "entry_point: ingst\n",
            (
                "Step 'ingest' of pipeline 'retrain' names the entry point 'ingst', which is not declared. "
                "Did you mean 'ingest'? Known entry points: clean.py, ingest, train, up.sh."
            ),
        ),
        (
            "sweep: tune,",
            "sweep: tun,",
            (
                "Step 'tune' of pipeline 'retrain' names the sweep 'tun', which is not declared. "
                "Did you mean 'tune'? Known sweeps: tune."
            ),
        ),
        (
            "gate: champion\n",
            "gate: champ\n",
            (
                "Step 'promote' of pipeline 'retrain' names the gate 'champ', which is not declared. "
                "Did you mean 'champion'? Known gates: champion."
            ),
        ),
        (
            INGEST,
            'params: {seed: "${{ params.sed }}", day: x}',
            (
                "Step 'ingest' of pipeline 'retrain' looks up 'params.sed', but 'sed' is not declared. "
                "Did you mean 'seed'? Known params: day, promotion, seed."
            ),
        ),
        (
            INGEST,
            'params: {seed: "${{ params.seed.x }}", day: x}',
            (
                "Step 'ingest' of pipeline 'retrain' looks up 'params.seed.x', but a param is a single value; "
                "expected 'params.seed'."
            ),
        ),
        (
            INGEST,
            'params: {seed: "${{ env.SEED }}", day: x}',
            (
                "Step 'ingest' of pipeline 'retrain' looks up 'env.SEED', but 'env' is unknown; expected a path "
                "that begins with 'params.' or 'steps.'."
            ),
        ),
        (
            INGEST,
            'params: {seed: "${{ params.seed + 1 }}", day: x}',
            (
                "'${{ params.seed + 1 }}' is not a look-up; expected names joined by dots, such as "
                "'${{ params.seed }}'. Expressions do not compute."
            ),
        ),
        (
            INGEST,
            "params: {seed: one, day: x}",
            "Parameter 'seed' is the text 'one'; expected a whole number, such as 12.",
        ),
        (
            INGEST,
            "params: {sed: 1, day: x}",
            (
                "Step 'ingest' of pipeline 'retrain' gives a value for 'sed', which is not a parameter of it. "
                "Did you mean 'seed'? Known parameters: day, seed."
            ),
        ),
        (
            INGEST,
            "params: {seed: 1}",
            (
                "Step 'ingest' of pipeline 'retrain' gives no value for 'day', which the entry point requires; "
                "add it to 'params'."
            ),
        ),
        (
            'sweep: tune, params: {data: "${{ steps.ingest.outputs.data }}"}',
            "sweep: tune",
            (
                "Step 'tune' of pipeline 'retrain' gives no value for 'data', which the entry point requires; "
                "add it to 'params'."
            ),
        ),
        (
            REGISTER,
            '{id: register, register: {model: digits, from: "${{ steps.train.outputs.modl }}"}}',
            (
                "Step 'register' of pipeline 'retrain' looks up 'steps.train.outputs.modl', but 'modl' is not "
                "declared. Did you mean 'model'? Known outputs of step 'train': model."
            ),
        ),
        (
            REGISTER,
            '{id: register, register: {model: digits, from: "${{ steps.trane.outputs.model }}"}}',
            (
                "Step 'register' of pipeline 'retrain' looks up 'steps.trane.outputs.model', but 'trane' is not "
                "declared. Did you mean 'train'? Known steps: ingest, promote, register, train, tune."
            ),
        ),
        (
            REGISTER,
            '{id: register, register: {model: digits, from: "${{ steps.train.model }}"}}',
            (
                "Step 'register' of pipeline 'retrain' looks up 'steps.train.model', but expected 'steps.train' "
                "to go on with 'outputs.<name>', 'metrics.<name>' or 'run_id'."
            ),
        ),
        (
            REGISTER,
            "{id: register, register: {model: digits}}",
            "'register' of step 'register' of pipeline 'retrain' has no 'from'; expected text.",
        ),
        (
            f"        {VERSION}\n",
            "",
            (
                "Step 'promote' of pipeline 'retrain' has no 'params'; say which version is held against the gate, "
                'such as {version: "${{ steps.register.outputs.version }}"}.'
            ),
        ),
        (
            VERSION,
            "params: {version: 0}",
            (
                "'version' of 'params' of step 'promote' of pipeline 'retrain' is the number 0; expected a version "
                "number, or a look-up of one."
            ),
        ),
        (
            'decide: "${{ params.promotion }}"',
            "decide: later",
            "'decide' of step 'promote' of pipeline 'retrain' is the text 'later'; expected here or event.",
        ),
        (
            'params_from: "${{ steps.tune.outputs.best_params }}"',
            "params_from: best",
            (
                "'params_from' of step 'train' of pipeline 'retrain' is the text 'best'; expected a single look-up "
                "of a mapping."
            ),
        ),
        (
            "retries: {max: 1, delay: 5s}",
            "retries: {max: -1, delay: 5s}",
            (
                "'max' of 'retries' of step 'ingest' of pipeline 'retrain' is the number -1; expected a whole "
                "number of at least 0."
            ),
        ),
        (
            "outputs: {model: {artifact: model}}",
            "outputs: {model: model}",
            "Output 'model' of step 'train' of pipeline 'retrain' is the text 'model'; expected a mapping.",
        ),
        (
            "when: {exists:",
            "when: {exist:",
            (
                "'when' of step 'promote' of pipeline 'retrain' has an unknown key 'exist'. Did you mean 'exists'? "
                "Known keys: exists."
            ),
        ),
        (
            "id: register, register",
            "id: register, needs: [tran], register",
            (
                "Step 'register' of pipeline 'retrain' needs the unknown step 'tran'. Did you mean 'train'? "
                "Known steps: ingest, promote, register, train, tune."
            ),
        ),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """Each mistake is told with what was found, what is expected and the next step."""
    assert sentence in wrong(old, new)


def test_a_mistake_stands_at_its_own_place() -> None:
    """A look-up that is wrong is told where it stands, not where its step begins."""
    text = changed(INGEST, 'params: {day: x, seed: "${{ params.sed }}"}')
    line = next(number for number, row in enumerate(text.splitlines(), start=1) if "params.sed" in row)
    assert mistakes(text)[0].startswith(f"line {line}, column 32: ")


def test_aliases_do_not_explode_in_a_step() -> None:
    """A small file that means 9**30 values is refused as fast as any other."""
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
    )
    text = bomb + changed("id: register, register", "id: register, needs: *a29, register")
    assert len(mistakes(text)) == 1
