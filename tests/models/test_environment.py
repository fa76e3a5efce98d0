"""What callers say about packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models.environment import read_environment
from mlflowflow.models.manifest import load_yaml

if TYPE_CHECKING:
    from pathlib import Path


def test_requirements_replace_and_extra_ones_are_added() -> None:
    """What was found in the model counts only where the caller does not say everything."""
    assert read_environment(pip_requirements=["a==1"]).lines(["found==1"]) == ("a==1",)
    assert read_environment(extra_pip_requirements=["a==1"]).lines(["found==1"]) == ("found==1", "a==1")
    assert read_environment().lines(["found==1"]) == ("found==1",)


def test_files_that_lines_name_are_read_in(tmp_path: Path) -> None:
    """A folder names no file of the machine it was made on."""
    (tmp_path / "base.txt").write_text("# comment\nb==2  # why\n-c limits.txt\n\nlong==\\\n1\n")
    (tmp_path / "limits.txt").write_text("c<3\n")
    found = read_environment(pip_requirements=["a==1", f"-r {tmp_path / 'base.txt'}"])
    files = found.files([], python="3.11.7")
    assert files["requirements.txt"] == "a==1\nb==2\nlong==1\n-c constraints.txt\n"
    assert files["constraints.txt"] == "c<3\n"


def test_a_file_that_reads_itself_is_refused(tmp_path: Path) -> None:
    """A circle of files ends in an error and not in a crash."""
    (tmp_path / "a.txt").write_text("-r a.txt\n")
    with pytest.raises(InvalidInput, match="read again"):
        read_environment(pip_requirements=tmp_path / "a.txt")


def test_a_conda_environment_settles_everything(tmp_path: Path) -> None:
    """Its tree is kept as it is; packages and Python's version are read off it."""
    tree = {"name": "mine", "dependencies": ["python=3.12.1", "pip", {"pip": ["a==1"]}]}
    (tmp_path / "conda.yaml").write_text(
        '{"name": "mine", "dependencies": ["python=3.12.1", {"pip": ["a==1"]}]}'
    )
    for given in (tree, tmp_path / "conda.yaml"):
        files = read_environment(conda_env=given).files(["found==1"], python="3.11.7")
        assert files["requirements.txt"] == "a==1\n"
        assert load_yaml(files["conda.yaml"], key="conda.yaml")["name"] == "mine"
        assert load_yaml(files["python_env.yaml"], key="python_env.yaml")["python"] == "3.12.1"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"conda_env": {}, "pip_requirements": []}, InvalidInput),
        ({"pip_requirements": ["a"], "extra_pip_requirements": ["b"]}, InvalidInput),
        ({"pip_requirements": ["a\nb"]}, InvalidInput),
        ({"pip_requirements": [1]}, InvalidInput),
        ({"pip_requirements": "no-such-file.txt"}, NotFound),
        ({"conda_env": "no-such-file.yaml"}, NotFound),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], error: type[Exception]) -> None:
    """Two ways to say everything, more than a line in a line, files that are not there."""
    with pytest.raises(error):
        read_environment(**given)
