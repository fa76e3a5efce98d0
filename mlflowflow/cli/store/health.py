"""``mlff store doctor`` and ``mlff store fsck``: is the place fit, and is what lies in it whole?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.context import json_option, store_option
from mlflowflow.cli.render import print_json, size_text
from mlflowflow.cli.store.place import fail_if, finding_json, open_blobs, progress, spool_of
from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.maintenance.finding import Finding
    from mlflowflow.maintenance.fsck import Examination
    from mlflowflow.maintenance.repair import Repair
    from mlflowflow.storage.blob import BlobStore

_COLOURS: Final = {"ok": "green", "warning": "yellow", "problem": "red"}
#: A repair may bring to light what it hid: so often a store is examined anew.
_ROUNDS: Final = 3
_INDENT: Final = " " * 9


@click.command("doctor")
@store_option
@json_option
def doctor(store: str | None, as_json: bool) -> None:
    """Ask whether a place is fit to be a store, and this machine to use it.

    \b
      mlff store doctor
      mlff store doctor --store s3://bucket/prefix

    Lets writers race for names, looks whether what is written is seen at once, compares clocks, times
    requests, and looks at the spool and at what waits to be folded. The few objects it writes are removed
    again. Ends with exit code 1 if there is a problem; a warning is none.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.maintenance.doctor import doctor as questions

    clock = SystemClock()
    findings: list[Finding] = []
    asked = questions(open_blobs(store), clock=clock, ids=RandomIds(clock), spool_dir=spool_of(store))
    for finding in asked:
        findings.append(finding)
        if not as_json:
            _print_finding(finding)
    if as_json:
        print_json([finding_json(finding) for finding in findings])
    fail_if([finding for finding in findings if finding.level == "problem"])


@click.command("fsck")
@click.option("--repair", is_flag=True, help="Put right what can be put right. Nothing is deleted.")
@store_option
@json_option
def fsck(repair: bool, store: str | None, as_json: bool) -> None:
    """Read everything in the store and say by name what is not as it was written.

    \b
      mlff store fsck
      mlff store fsck --repair

    Nothing is changed without --repair. With it, damaged objects are copied to quarantine/ in the store,
    a single wrong bit is turned back, what other objects know is written again, and what is lost is said.
    Ends with exit code 1 if anything is left to say.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    opened, spool = open_blobs(store), spool_of(store)
    examined = _examined(opened, spool)
    repairs: list[Repair] = []
    for _ in range(_ROUNDS if repair else 0):
        done = _repaired(opened, examined.findings)
        if not done:
            break
        repairs += done
        examined = _examined(opened, spool)
    if as_json:
        print_json(_examination_json(examined, repairs))
    else:
        for each in repairs:
            _print_repair(each)
        for finding in examined.findings:
            _print_finding(finding)
        click.echo(_summary(examined))
    fail_if(examined.findings)


def _examined(opened: BlobStore, spool: Path | None) -> Examination:
    from mlflowflow.maintenance.fsck import fsck as examine

    with progress("read") as shown:
        return examine(opened, ids=RandomIds(), spool_dir=spool, progress=shown)


def _repaired(opened: BlobStore, findings: tuple[Finding, ...]) -> list[Repair]:
    from mlflowflow.maintenance.repair import repair

    clock = SystemClock()
    return list(repair(opened, findings, clock=clock, ids=RandomIds(clock)))


def _print_finding(finding: Finding) -> None:
    word = click.style(f"{finding.level:<7}", fg=_COLOURS[finding.level])
    if finding.trouble is None:  # a topic, not an object: one line
        click.echo(f"{word}  {finding.subject:<10}  {finding.sentence}")
    else:
        click.echo(f"{word}  {finding.subject}\n{_INDENT}{finding.sentence}")
    if finding.advice:
        click.echo(f"{_INDENT}{finding.advice}")


def _print_repair(repair: Repair) -> None:
    click.echo(f"{click.style('done   ', fg='green')}  {repair.subject}\n{_INDENT}{repair.sentence}")
    if repair.kept:
        click.echo(f"{_INDENT}The object as it was is kept as '{repair.kept}'.")


def _summary(examined: Examination) -> str:
    counts = Counter(str(finding.level) for finding in examined.findings)
    noun = "object" if examined.objects == 1 else "objects"
    looked = f"{examined.objects} {noun} listed, {size_text(examined.bytes)} read"
    if examined.is_clean:
        return f"{looked}: everything is as it was written."
    return f"{looked}: {_counted(counts['problem'], 'problem')}, {_counted(counts['warning'], 'warning')}."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _examination_json(examined: Examination, repairs: list[Repair]) -> dict[str, Any]:
    return {
        "objects": examined.objects,
        "bytes_read": examined.bytes,
        "kinds": dict(examined.kinds),
        "findings": [finding_json(finding) for finding in examined.findings],
        "repairs": [
            {"subject": each.subject, "sentence": each.sentence, "kept": each.kept or None}
            for each in repairs
        ],
    }
