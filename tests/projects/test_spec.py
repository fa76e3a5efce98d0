"""A project file is found, told apart from other people's files, and read the same in both spellings."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mlflowflow.errors import InvalidProject, NotFound
from mlflowflow.projects.spec import ProjectSpec, load_project, parse_project, script_entry_point
from tests.projects.examples import CHURN, DIGITS, ENTRY_POINTS, NESTED, SECTIONS, changed, mistakes, project

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON

MARKED = f"{ENTRY_POINTS}spec: mlflowflow/v1\n"


def shuffled(value: JSON, order: Random) -> JSON:
    """Return `value` with the keys of every mapping in another order."""
    match value:
        case dict():
            return {key: shuffled(value[key], order) for key in order.sample(list(value), k=len(value))}
        case list():
            return [shuffled(item, order) for item in value]
        case _:
            return value


@settings(max_examples=20, deadline=None)
@given(st.integers())
def test_the_order_of_keys_is_not_part_of_a_project(seed: int) -> None:
    """A file that was only tidied up is the same project, to every cache and every plan."""
    document: JSON = YAML(typ="safe", pure=True).load(DIGITS)
    text = json.dumps(shuffled(document, Random(seed)), indent=1)
    assert project(text).digest == project().digest


def test_both_spellings_are_one_project() -> None:
    """Sections under `mlflowflow:` mean what they mean at the top level."""
    nested, flat = project(NESTED), project()
    assert nested == flat
    assert nested.digest == flat.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("min: 0.9", "min: 0.91"),
        ("name: digits", "name: digit"),
        ("delay: 5s", "delay: 6s"),
        ("{depth}", "{C}"),
    ],
)
def test_every_change_of_meaning_is_another_digest(old: str, new: str) -> None:
    """A digest stands for all that is declared."""
    assert project(changed(old, new) if DIGITS.count(old) == 1 else DIGITS.replace(old, new)).digest != (
        project().digest
    )


def test_digests_last() -> None:
    """A release that learns more words gives files that do not use them the digests they had."""
    start, stop = DIGITS.index("sweeps:"), DIGITS.index("gates:")
    assert project(DIGITS[:start] + DIGITS[stop : DIGITS.index("pipelines:")]).digest == (
        "0b934254a12145ac27fa742c4b810f8da518fb8d5a1c5da82f7ac550f477e05e"
    )
    assert project(changed("price_per_hour: 0.09", "price_per_hour: 0.1", text=CHURN)).digest != (
        project(CHURN).digest
    )
    assert project(changed("  small: {cpu: 0.5}\n", "", text=CHURN)).digest != project(CHURN).digest


def test_resources_nest_like_the_others() -> None:
    """The section may stand under `mlflowflow:` too."""
    nested = "mlflowflow: {spec: mlflowflow/v1, resources: {small: {cpu: 0.5}}}\n"
    flat = "spec: mlflowflow/v1\nresources: {small: {cpu: 0.5}}\n"
    assert project(nested) == project(flat)
    assert list(project(nested).resources) == ["small"]


def test_the_place_is_not_part_of_a_project() -> None:
    """The same file in another folder is the same project."""
    elsewhere = parse_project(DIGITS, path="x", root=Path("elsewhere"))
    assert elsewhere.digest == project().digest


def test_mappings_are_read_only() -> None:
    """A spec that many threads share cannot be changed by one."""
    with pytest.raises(TypeError):
        project().sweeps["x"] = project().sweeps["tune"]  # type: ignore[index]  # the mistake under test


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            f"{ENTRY_POINTS}{SECTIONS}",
            [
                (
                    "line 14, column 1: 'sweeps', 'gates', 'pipelines' would not be read, because the file does "
                    "not say that they are meant for mlflowflow; add the line 'spec: mlflowflow/v1'."
                )
            ],
        ),
        (
            NESTED.replace("  spec: mlflowflow/v1\n", ""),
            [
                (
                    "line 15, column 3: 'sweeps', 'gates', 'pipelines' would not be read, because the file does "
                    "not say that they are meant for mlflowflow; add the line 'spec: mlflowflow/v1'."
                )
            ],
        ),
        (
            DIGITS.replace("mlflowflow/v1", "mlflowflow/v2"),
            [
                "line 14, column 1: The file says 'spec: mlflowflow/v2'; this release reads 'spec: mlflowflow/v1'."
            ],
        ),
        (
            f"{MARKED}sweep: {{}}\n",
            ["line 15, column 1: The key 'sweep' means nothing here; did you mean 'sweeps'?"],
        ),
        (
            f"{MARKED}mlflowflow: {{gate: {{}}}}\n",
            [
                (
                    "line 15, column 14: 'mlflowflow' has an unknown key 'gate'. Did you mean 'gates'? "
                    "Known keys: gates, pipelines, resources, spec, sweeps."
                )
            ],
        ),
        (
            f"{MARKED}gates: {{}}\nmlflowflow: {{gates: {{}}}}\n",
            ["line 15, column 1: 'gates' is written both at the top level and under 'mlflowflow'; keep one."],
        ),
        (f"{MARKED}sweeps: [a]\n", ["line 15, column 9: 'sweeps' is a list; expected a mapping."]),
        (
            f"{MARKED}sweeps: {{a: 5}}\n",
            ["line 15, column 13: Sweep 'a' is the number 5; expected a mapping."],
        ),
        (
            "python_env: a\nconda_env: b\n",
            [
                "line 2, column 1: A project has one environment, but this one has 'python_env', 'conda_env'; keep one."
            ],
        ),
        (
            "- a\n",
            [
                "line 1, column 1: The file is a list; expected a mapping with keys such as 'name' and 'entry_points'."
            ],
        ),
        ("name: a\nname: b\n", ["line 2, column 1: The key 'name' is written twice; remove one."]),
    ],
)
def test_mistakes_of_the_whole_file(text: str, sentences: list[str]) -> None:
    """What would be silently ignored elsewhere is told, with the line to add or to remove."""
    assert mistakes(text) == sentences


def test_a_name_means_one_thing() -> None:
    """An entry point, a sweep and a pipeline cannot share a name."""
    twice = changed("  retrain:\n", "  tune:\n")
    assert mistakes(twice) == [
        "line 39, column 3: The pipeline 'tune' has the name of the sweep 'tune'; rename one."
    ]
    text = changed("  tune:\n    entry", "  train:\n    entry").replace("sweep: tune", "sweep: train")
    assert mistakes(text.replace("  retrain:\n", "  ingest:\n")) == [
        "line 16, column 3: The sweep 'train' has the name of the entry point 'train'; rename one.",
        "line 39, column 3: The pipeline 'ingest' has the name of the entry point 'ingest'; rename one.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{ENTRY_POINTS}sweep: 5\nspecs: x\nspec: other/v9\n",
        f"{MARKED}datasets: {{a: 1}}\nnotify: 5\n",
        "",
        f"{ENTRY_POINTS}docker_env: {{image: x}}\n",
        f"{MARKED}sweeps:\ngates:\n",
    ],
)
def test_foreign_keys_pass(text: str) -> None:
    """What belongs to other tools is left alone."""
    assert project(text).sweeps == {}


def test_all_problems_are_told_together() -> None:
    """One reading is enough to mend a file; problems come from top to bottom."""
    text = DIGITS
    for old, new in [
        ("seed: {type: int, default: 0}, day", "seed: {type: int, default: x}, day"),
        ("parallel: 2", "parallels: 2"),
        ("alias: champion", "alias: 5"),
        ("sweep: tune,", "sweep: tun,"),
    ]:
        text = text.replace(old, new)
    lines = [int(mistake.split(",")[0].removeprefix("line ")) for mistake in mistakes(text)]
    assert lines == [4, 25, 31, 50]


def write(folder: Path, name: str, text: str = ENTRY_POINTS) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["MLproject", "mlproject", "MLPROJECT"])
def test_folder_with_a_file_of_any_case(tmp_path: Path, name: str) -> None:
    """The file's name is MLflow's, whatever its case."""
    write(tmp_path, name)
    assert load_project(tmp_path).root == tmp_path.resolve()


def test_file_by_its_path(tmp_path: Path) -> None:
    """A file that is named may have any name, and a mark of Windows editors at its start."""
    path = tmp_path / "other.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + ENTRY_POINTS.encode())
    assert load_project(str(path)).name == "digits"


def test_nameless_project_has_the_name_of_its_folder(tmp_path: Path) -> None:
    """A project always has a name to show."""
    write(tmp_path, "MLproject", "")
    assert load_project(tmp_path).name == tmp_path.name


def test_scripts_are_found_beside_the_file(tmp_path: Path) -> None:
    """A script can be run by its name without being declared."""
    for name in ("MLproject", "clean up.py", "up.sh", "notes.txt"):
        write(tmp_path, name)
    commands = {name: each.command for name, each in load_project(tmp_path).scripts.items()}
    assert commands == {"clean up.py": "python 'clean up.py'", "up.sh": "bash up.sh"}


def test_scripts_with_braces_are_no_templates() -> None:
    """A file's name is never formatted."""
    script = script_entry_point("a{b}.py")
    assert script is not None
    assert script.command.format() == "python 'a{b}.py'"


def test_declared_programs_go_before_scripts() -> None:
    """Who declares 'clean.py' decides what it does."""
    declared = project("entry_points: {clean.py: {command: run}}\n")
    assert declared.programs["clean.py"].command == "run"


def test_missing_folder(tmp_path: Path) -> None:
    """A path that leads nowhere says what to give instead."""
    with pytest.raises(
        NotFound, match=r"There is no project '.*nowhere'\. Give the folder of an MLproject file"
    ):
        load_project(tmp_path / "nowhere")


def test_folder_without_a_file(tmp_path: Path) -> None:
    """A folder that is no project says which file is missing."""
    with pytest.raises(NotFound, match=r"There is no MLproject file '.*MLproject'\. Create it"):
        load_project(tmp_path)


def test_file_that_is_not_text(tmp_path: Path) -> None:
    """Bytes of another encoding are refused as such."""
    (tmp_path / "MLproject").write_bytes(b"name: na\xefve\n")
    with pytest.raises(InvalidProject, match=r"The file is not UTF-8 text \(byte 8 cannot be read\)"):
        load_project(tmp_path)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(DIGITS) - 1), st.integers(0, 40), st.sampled_from(["", "x", ":", "- ", "{", '"', "5"])
)
def test_damaged_files_end_in_problems(start: int, length: int, inserted: str) -> None:
    """Whatever is done to a file, it is read or its problems are told; nothing else comes out."""
    text = DIGITS[:start] + inserted + DIGITS[start + length :]
    try:
        read = project(text)
    except InvalidProject:
        return
    assert isinstance(read, ProjectSpec)
