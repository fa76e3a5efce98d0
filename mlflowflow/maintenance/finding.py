"""What an examination of a store found: one fact per thing, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    #: nothing is lost and nothing is wrong yet; it costs space or time, or soon will
    WARNING = "warning"
    #: something cannot be read, or will not work
    PROBLEM = "problem"


class Trouble(StrEnum):
    """What is wrong with an object; together with its kind this says what a repair can do."""

    DAMAGED = "damaged"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    TOO_NEW = "too new"
    FOREIGN = "foreign"
    #: it contradicts another object
    CONTRADICTS = "contradicts"
    #: nothing needs it any more, or nobody ever did
    LEFT_OVER = "left over"
    #: it is whole and waits for somebody
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found: `subject` names it (a key, a path, a topic), `sentence` says what is the case.

    `advice` is the next step, a full sentence; empty if there is nothing to do. `trouble` is None
    where no single object is at fault; `about` is the id or name of what the object should speak of, or
    of a damaged file the SHA-256 that it should have.
    """

    level: Level
    subject: str
    sentence: str
    advice: str = ""
    trouble: Trouble | None = None
    about: str = ""


def missing(subject: str, sentence: str, *, advice: str, about: str = "") -> Finding:
    """Return the finding for an object that should be there."""
    return Finding(
        level=Level.PROBLEM,
        subject=subject,
        sentence=sentence,
        advice=advice,
        trouble=Trouble.MISSING,
        about=about,
    )


def contradiction(subject: str, sentence: str, *, advice: str, about: str = "") -> Finding:
    """Return the finding for an object that is whole and says something else than another one."""
    return Finding(
        level=Level.PROBLEM,
        subject=subject,
        sentence=sentence,
        advice=advice,
        trouble=Trouble.CONTRADICTS,
        about=about,
    )


def left_over(subject: str, sentence: str, *, advice: str) -> Finding:
    """Return the finding for an object that nobody needs."""
    return Finding(
        level=Level.WARNING, subject=subject, sentence=sentence, advice=advice, trouble=Trouble.LEFT_OVER
    )


def waiting(subject: str, sentence: str, *, advice: str) -> Finding:
    """Return the finding for something whole that somebody has to take up."""
    return Finding(
        level=Level.WARNING, subject=subject, sentence=sentence, advice=advice, trouble=Trouble.WAITING
    )
