"""What git's own files say, compared with what git says."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mlflowflow.tracking.fluent.git_facts import GitFacts, git_facts, without_password

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def _git(folder: Path, *arguments: str) -> str:
    person = ["-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=trunk"]
    command = ["git", *person, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Give a repository with one commit."""
    git_facts.cache_clear()
    folder = tmp_path / "repo"
    (folder / "code").mkdir(parents=True)
    _git(folder, "init", "--quiet")
    (folder / "code" / "train.py").touch()
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "-m", "first")
    return folder


def test_commit_branch_and_origin_are_read(repo: Path) -> None:
    """A folder below the root has the facts of its repository, without the password in its address."""
    _git(repo, "remote", "add", "origin", "https://ada:secret@example.org/repo.git")
    assert git_facts(repo / "code") == GitFacts(
        commit=_git(repo, "rev-parse", "HEAD"), branch="trunk", repo_url="https://example.org/repo.git"
    )


def test_packed_branches_are_read(repo: Path) -> None:
    """Git moves branches into one file from time to time."""
    _git(repo, "pack-refs", "--all")
    assert git_facts(repo).commit == _git(repo, "rev-parse", "HEAD")


def test_without_a_branch_there_is_a_commit(repo: Path) -> None:
    """A detached head names its commit itself."""
    _git(repo, "checkout", "--quiet", "--detach")
    facts = git_facts(repo)
    assert (facts.commit, facts.branch) == (_git(repo, "rev-parse", "HEAD"), None)


def test_a_worktree_has_its_own_branch(repo: Path, tmp_path: Path) -> None:
    """Its `.git` is a file that names a folder, and its branches are in the main one."""
    _git(repo, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    assert git_facts(tmp_path / "side") == GitFacts(commit=_git(repo, "rev-parse", "HEAD"), branch="side")


@pytest.mark.parametrize("head", ["", "ref: ", "ref: refs/heads/none", "nonsense", "\x00"])
def test_what_cannot_be_read_is_left_out(tmp_path: Path, head: str) -> None:
    """A damaged repository keeps nobody from training."""
    git_facts.cache_clear()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head)
    assert git_facts(tmp_path).commit is None
    git_facts.cache_clear()
    (tmp_path / ".git" / "HEAD").write_bytes(b"\xff\xfe")
    assert git_facts(tmp_path) == GitFacts()


def test_outside_of_git_nothing_is_known(tmp_path: Path) -> None:
    """No repository, no facts."""
    assert git_facts(tmp_path / "nowhere") == GitFacts()


def test_only_what_stands_before_the_host_is_taken_away() -> None:
    """Addresses without a password stay as they are."""
    assert without_password("https://example.org/a@b") == "https://example.org/a@b"
    assert without_password("/srv/repo.git") == "/srv/repo.git"
