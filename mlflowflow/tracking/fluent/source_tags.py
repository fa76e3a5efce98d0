"""What a run says about the code that made it, as MLflow's tags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from mlflowflow.tracking.fluent.git_facts import git_facts

SOURCE_NAME_TAG: Final = "mlflow.source.name"
SOURCE_TYPE_TAG: Final = "mlflow.source.type"
GIT_COMMIT_TAG: Final = "mlflow.source.git.commit"
GIT_BRANCH_TAG: Final = "mlflow.source.git.branch"
GIT_REPO_URL_TAG: Final = "mlflow.source.git.repoURL"


def source_tags() -> dict[str, str]:
    """Return the tags of the program that runs here: its name, and its commit if it is under git.

    >>> source_tags()["mlflow.source.type"]
    'LOCAL'
    """
    script = sys.argv[0] if sys.argv else ""
    tags = {SOURCE_NAME_TAG: script or "<console>", SOURCE_TYPE_TAG: "LOCAL"}
    if script in {"", "-c", "-m"}:  # there is no file that could be under git
        return tags
    facts = git_facts(Path(script).parent)
    known = {GIT_COMMIT_TAG: facts.commit, GIT_BRANCH_TAG: facts.branch, GIT_REPO_URL_TAG: facts.repo_url}
    return tags | {key: text for key, text in known.items() if text}
