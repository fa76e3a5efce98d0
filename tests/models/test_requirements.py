"""Pinned requirements of saved models."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import sklearn
from ruamel.yaml import YAML

from mlflowflow.models.requirements import distributions_of, environment_files, pinned

if TYPE_CHECKING:
    import pytest


def test_modules_become_the_packages_that_provide_them() -> None:
    """A module's package may have another name; Python's own modules have none."""
    assert distributions_of(["sklearn", "numpy", "json", "__main__"]) == ("numpy", "scikit-learn")


def test_a_package_of_another_name_is_looked_up() -> None:
    """Where no package has the module's name, the installed files tell."""
    assert distributions_of(["dateutil"]) == ("python-dateutil",)


def test_a_module_of_nobody_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """A model that needs the user's own file will not load elsewhere."""
    with caplog.at_level(logging.WARNING):
        assert distributions_of(["no_such_module"]) == ()
    assert "'no_such_module'" in caplog.text


def test_pins_are_exact_sorted_and_of_installed_packages() -> None:
    """Each package stands once, with the version that is installed."""
    found = pinned(["scikit-learn", "numpy", "numpy", "no-such-package"])
    assert found == (f"numpy=={np.__version__}", f"scikit-learn=={sklearn.__version__}")


def test_the_three_files_say_the_same() -> None:
    """pip, conda and virtualenv get the same packages and Python."""
    files = environment_files(["numpy==2.0", "scipy==1.0"], python="3.11.7")
    assert files["requirements.txt"] == "numpy==2.0\nscipy==1.0\n"
    conda = YAML(typ="safe").load(files["conda.yaml"])
    assert conda["dependencies"] == ["python=3.11.7", "pip", {"pip": ["numpy==2.0", "scipy==1.0"]}]
    assert YAML(typ="safe").load(files["python_env.yaml"])["python"] == "3.11.7"
