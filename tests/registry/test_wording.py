"""Decisions in words."""

from __future__ import annotations

from string import Formatter
from typing import get_args

import pytest

from mlflowflow.registry.change import (
    AliasMoved,
    Change,
    GateEvaluated,
    Promoted,
    StageTransitioned,
    VersionCreated,
)
from mlflowflow.registry.entry import Entry
from mlflowflow.registry.version import Stage
from mlflowflow.registry.wording import SENTENCES, what, why

KINDS: tuple[type[Change], ...] = get_args(Change)
PROMOTED = Promoted(alias="champion", version=2, verdict="0" * 64, sentence="It is better.", previous=1)


def entry(change: Change, reason: str = "") -> Entry:
    """Return the decision of `change`."""
    return Entry(model="digits", seq=0, at_us=0, actor="ada", change=change, reason=reason)


def test_every_kind_of_change_has_its_sentence() -> None:
    """A new kind of decision cannot be forgotten in the history that people read."""
    assert set(SENTENCES) == {each.kind for each in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda each: str(each.kind))
def test_sentences_name_only_fields_that_the_change_has(kind: type[Change]) -> None:
    """No history fails to print because a field was renamed."""
    named = {name for _, name, _, _ in Formatter().parse(SENTENCES[kind.kind]) if name}
    assert named <= set(kind.__dataclass_fields__)


def test_a_moved_alias_names_its_last_holder() -> None:
    """A reader sees what was replaced."""
    assert what(PROMOTED) == "promoted version 2 to champion, from version 1"


def test_a_first_holder_replaces_nobody() -> None:
    """Nothing is said about a version that was not there."""
    assert what(AliasMoved(alias="champion", version=1)) == "moved champion to version 1 by hand"


def test_a_stage_transition_names_what_it_archived() -> None:
    """What happened in the same moment is in the same sentence."""
    change = StageTransitioned(version=3, stage=Stage.PRODUCTION, archived=(1, 2))
    assert what(change) == "moved version 3 to stage Production, archiving 1, 2"


def test_a_gates_sentence_is_the_reason() -> None:
    """The verdict's own words come before what the caller noted."""
    refused = GateEvaluated(
        alias="champion", version=2, outcome="FAILED", verdict="0" * 64, sentence="Worse."
    )
    assert (why(entry(PROMOTED, "cron")), why(entry(refused, "cron"))) == ("It is better.", "Worse.")


def test_a_version_comes_from_its_run_unless_somebody_gave_a_reason() -> None:
    """The run is the reason of last resort."""
    change = VersionCreated(version=1, source="runs:/abc/model", run_id="abc")
    assert (why(entry(change)), why(entry(change, "by hand"))) == ("run abc", "by hand")
