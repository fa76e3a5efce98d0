"""Paths that a model's files give do not lead out of its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.models.inside import inside

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "a/../../secret"])
def test_paths_of_a_manifest_stay_inside(tmp_path: Path, name: str) -> None:
    """Neither dots, roots nor links lead out of the folder."""
    folder = tmp_path / "m"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(CorruptData, match="leads out"):
        inside(folder, name)


def test_a_path_within_the_folder_is_followed(tmp_path: Path) -> None:
    """Also over dots and a link that stay in it."""
    folder = tmp_path / "m"
    (folder / "code").mkdir(parents=True)
    (folder / "link").symlink_to(folder / "code")
    for name in ("code/a.py", "link/a.py", "code/../link/a.py"):
        assert inside(folder, name) == folder / "code" / "a.py"
