"""``mlff models``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_catalog
from mlflowflow.gates.policy import WhenNoChampion
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.version import PROMPT_TAG
from mlflowflow.storage.local import LocalBlobStore
from tests.cli.commands import Terminal
from tests.gates.examples import policy
from tests.gates.registry import Registry

if TYPE_CHECKING:
    from tests.cli.conftest import Small

#: Between the first champion and the second.
BETWEEN = "2023-11-14T22:15:00Z"


def test_models_are_listed_with_their_aliases(terminal: Terminal) -> None:
    """Who is champion is seen at one glance."""
    assert terminal.mlff("models", "list").lines == ["model versions aliases", "digits 2 champion → 2"]
    assert terminal.mlff("models", "list", "--json").json == [
        {"name": "digits", "versions": 2, "aliases": {"champion": 2}}
    ]


def test_prompts_are_no_models(tmp_path: Path) -> None:
    """MLflow's clients keep them as such, with a tag; who asks for one by name sees it."""
    catalog = Catalog(LocalBlobStore(tmp_path))
    catalog.create_model("ask", tags={PROMPT_TAG: "true"})
    catalog.create_version("digits", source="s3://bucket/model")
    terminal = Terminal(store=str(tmp_path))
    assert [each["name"] for each in terminal.mlff("models", "list", "--json").json] == ["digits"]
    assert terminal.mlff("models", "show", "ask").lines[0] == "ask"


def test_a_registry_without_models_says_how_to_get_one(tmp_path: Path) -> None:
    """An empty answer has a next step."""
    empty = Terminal(store=str(tmp_path / "empty"))
    assert empty.mlff("models", "list").lines == [
        "No model is registered. 'mlff run examples/digits -e retrain' registers one."
    ]


def test_a_model_is_shown_with_its_versions(terminal: Terminal, small: Small) -> None:
    """Each version leads to the run it came from."""
    lines = terminal.mlff("models", "show", "digits").lines
    assert lines[0] == "digits"
    assert f"2 champion None 2023-11-14T22:14:21Z {small.run_id}" in lines


def test_a_model_is_shown_as_it_was(terminal: Terminal) -> None:
    """The past champion is champion in the past."""
    assert terminal.mlff("models", "show", "digits", "--at", BETWEEN, "--json").json["aliases"] == {
        "champion": 1
    }
    assert terminal.mlff("models", "show", "digits", "--json").json["aliases"] == {"champion": 2}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "digits", "--at", "yesterday"), "'yesterday' is no time; expected ISO 8601"),
        (("show", "digits", "--at", "2001-01-01"), "It did not exist at 2001-01-01T00:00:00Z."),
        (("show", "nobody"), "There is no registered model 'nobody'."),
        (("history", "nobody"), "There is no registered model 'nobody'."),
        (("verify", "nobody"), "There is no registered model 'nobody'."),
    ],
)
def test_what_cannot_be_shown_is_said(terminal: Terminal, arguments: tuple[str, ...], sentence: str) -> None:
    """One sentence, exit code 2."""
    answer = terminal.mlff("models", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def test_the_history_says_who_did_what_when_and_why(terminal: Terminal, small: Small) -> None:
    """Every decision is a line, in order."""
    assert terminal.mlff("models", "history", "digits").lines == [
        "# when who what why",
        f"0 2023-11-14T22:14:21Z ada registered version 1 run {small.run_id}",
        f"1 2023-11-14T22:14:21Z ada registered version 2 run {small.run_id}",
        "2 2023-11-14T22:14:21Z ada moved champion to version 1 by hand the first",
        "3 2023-11-14T22:15:21Z ada promoted version 2 to champion, from version 1 It is better.",
    ]


def test_machines_get_the_chain_of_decisions(terminal: Terminal) -> None:
    """Whoever keeps the digests can prove later that nothing was changed."""
    entries = terminal.mlff("models", "history", "digits", "--json").json
    assert [each["prev"] for each in entries] == ["", *(each["digest"] for each in entries[:-1])]
    assert entries[3]["change"]["kind"] == "alias.promoted"


def test_an_alias_is_moved_by_hand_with_a_reason(own: Terminal) -> None:
    """The history says that it was by hand, by whom and why."""
    assert own.mlff("models", "alias", "digits", "champion", "1", "--reason", "a bug").lines == [
        "digits@champion is version 1."
    ]
    last = own.mlff("models", "history", "digits", "--json").json[-1]
    assert (last["what"], last["actor"], last["why"]) == (
        "moved champion to version 1 by hand, from version 2",
        "ada",
        "a bug",
    )


def test_an_alias_never_points_to_nothing(own: Terminal) -> None:
    """A version that does not exist is refused, and the alias stays."""
    assert own.mlff("models", "alias", "digits", "champion", "9").code == 2
    assert open_catalog(own.store).get_version_by_alias("digits", "champion").version == 2


def test_a_rollback_gives_the_alias_back_to_its_last_holder(own: Terminal) -> None:
    """That is the whole command on a bad day."""
    assert own.mlff("models", "rollback", "digits").lines == ["digits@champion is version 1 again."]
    assert open_catalog(own.store).get_version_by_alias("digits", "champion").version == 1


def test_a_rollback_can_name_its_version(own: Terminal) -> None:
    """JSON is the version that holds the alias now."""
    restored = own.mlff("models", "rollback", "digits", "--to", "1", "--json").json
    assert (restored["version"], restored["aliases"]) == (1, ["champion"])


def test_a_rollback_to_where_the_alias_never_was_is_refused(own: Terminal) -> None:
    """The sentence is on standard error and nothing has moved."""
    answer = own.mlff("models", "rollback", "digits", "--alias", "shadow")
    assert answer.code in {1, 2}
    assert answer.err.startswith("Error: ")
    assert open_catalog(own.store).get_model("digits").aliases == {"champion": 2}


def test_an_intact_history_verifies(terminal: Terminal) -> None:
    """The number of decisions is part of the answer."""
    assert terminal.mlff("models", "verify", "digits").lines == ["All 4 decisions about 'digits' are intact."]


def test_a_changed_history_does_not_verify(own: Terminal) -> None:
    """One replaced reason is found, and the command fails."""
    (entry,) = [
        path
        for path in Path(own.store).rglob("*")
        if path.is_file() and b'"reason":"the first"' in path.read_bytes().replace(b'": "', b'":"')
    ]
    entry.write_bytes(entry.read_bytes().replace(b"the first", b"the worst"))
    answer = own.mlff("models", "verify", "digits")
    assert answer.code == 1
    assert answer.err.startswith("Error: ")


def held(store: str) -> str:
    """Let a gate hold version 1 because nobody is champion yet; return the verdict's digest."""
    registry = Registry(LocalBlobStore(Path(store), fsync=False))
    asks = policy(when_no_champion=WhenNoChampion.REQUIRE_APPROVAL)
    return registry.promote(registry.version(), registry.evaluated(1, accuracy=0.95), by=asks).verdict.digest


def test_why_a_version_was_held_is_shown_check_by_check(tmp_path: Path) -> None:
    """The verdict can be named from what is shown."""
    new = Terminal(store=str(tmp_path / "new"))
    digest = held(new.store)
    lines = new.mlff("models", "why", "digits", "1").lines
    assert lines[0].endswith("weighed version 1 for champion: HELD")
    assert any("quality" in line for line in lines)
    assert any(digest[:8] in line for line in lines)


def test_a_version_that_no_gate_has_weighed_says_so(terminal: Terminal) -> None:
    """Moving an alias by hand is no verdict."""
    assert terminal.mlff("models", "why", "digits", "1").lines == [
        "No gate has weighed version 1 of 'digits'."
    ]


def test_what_a_gate_held_is_promoted_by_whoever_approves(tmp_path: Path) -> None:
    """The start of the digest is enough, and the comment is in the history."""
    new = Terminal(store=str(tmp_path / "new"))
    approved = new.mlff("models", "approve", "digits", held(new.store)[:12], "--comment", "looked at it")
    assert approved.code == 0
    assert new.mlff("models", "show", "digits", "--json").json["aliases"] == {"champion": 1}
    assert "looked at it" in new.mlff("models", "history", "digits", "--json").json[-1]["why"]


def test_an_approval_without_a_reason_is_refused(own: Terminal) -> None:
    """Nobody promotes past a gate without saying why."""
    answer = own.mlff("models", "approve", "digits", "abc")
    assert answer.code == 2
    assert "Missing option '--comment'" in answer.err


def test_the_digest_to_keep_is_told_to_machines(terminal: Terminal) -> None:
    """It is that of the last decision."""
    last = terminal.mlff("models", "history", "digits", "--json").json[-1]
    assert terminal.mlff("models", "verify", "digits", "--json").json == {
        "names": ["digits"],
        "decisions": 4,
        "head": last["digest"],
    }


def test_what_was_held_under_a_former_name_is_shown_and_approved(tmp_path: Path) -> None:
    """A rename does not lose what gates found, nor the evidence of it; a repeat gives the same answer."""
    new = Terminal(store=str(tmp_path / "store"))
    verdict = held(new.store)
    new.mlff("models", "rename", "digits", "numbers")
    before = new.mlff("models", "why", "numbers", "1").lines
    approve = ("models", "approve", "numbers", verdict[:12], "--comment", "looked at it", "--json")
    approved = new.mlff(*approve).json
    assert (approved["model"], approved["change"]["kind"]) == ("numbers", "alias.promoted")
    assert new.mlff(*approve).json == approved
    assert new.mlff("models", "show", "numbers", "--json").json["aliases"] == {"champion": 1}
    assert new.mlff("models", "why", "numbers", "1").lines[: len(before)] == before
    found = new.mlff("models", "why", "numbers", "1", "--json").json
    assert [(each["model"], each["verdict"]["gate"]) for each in found] == [
        ("digits", "gate"),
        ("numbers", "gate"),
    ]
    new.mlff("models", "rename", "numbers", "figures")
    again = new.mlff("models", "approve", "figures", verdict[:12], "--comment", "again", "--json").json
    assert again == approved


def test_machines_get_the_version_that_an_alias_was_moved_to(own: Terminal) -> None:
    """With the alias among its own."""
    moved = own.mlff("models", "alias", "digits", "shadow", "1", "--json").json
    assert (moved["version"], moved["aliases"]) == (1, ["shadow"])
