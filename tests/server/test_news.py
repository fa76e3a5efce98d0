"""Everybody who listens hears of every change, in a process that looks once for all."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreUnavailable
from mlflowflow.events.journal import Journal
from mlflowflow.server.news import News, versions
from tests.server.asking import desk_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine
    from pathlib import Path


class Store:
    """Versions that a test moves on, and how often they were looked at."""

    def __init__(self) -> None:
        """Show one experiment."""
        self.found = {"1": "a", "models": "m", "sweeps": "s"}
        self.looks = 0
        self.away = False

    def look(self) -> dict[str, str]:
        """Count and show."""
        self.looks += 1
        if self.away:
            raise StoreUnavailable("memory://x", "it is away")
        return dict(self.found)


def _run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


async def _event(lines: AsyncGenerator[bytes]) -> dict[str, Any]:
    async for line in lines:
        if line.startswith(b"data: "):
            told: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
            return told
    raise EOFError


async def _looked(store: Store, more: int = 2) -> None:
    wanted = store.looks + more
    while store.looks < wanted:  # noqa: ASYNC110 - it looks in a thread
        await asyncio.sleep(0.001)


def test_everybody_hears_of_a_change() -> None:
    """However many listen, the store is looked at by one."""
    store = Store()

    async def work() -> None:
        news = News(store.look, every_s=0.01)
        listening = [news.follow() for _ in range(20)]
        assert [(await _event(each))["kind"] for each in listening] == ["hello"] * 20
        await _looked(store)
        store.found |= {"1": "b", "2": "new"}
        told = await asyncio.gather(*map(_event, listening))
        assert told == [{"kind": "changed", "experiments": ["1", "2"], "models": False, "sweeps": False}] * 20
        store.found["sweeps"] = "t"
        assert (await _event(listening[0]))["sweeps"]
        looks = store.looks
        await asyncio.sleep(0.1)
        assert store.looks - looks <= 12
        for each in listening:
            await each.aclose()

    _run(work())


def test_who_is_slow_hears_it_all_together() -> None:
    """And nothing is kept twice for them."""
    store = Store()

    async def work() -> None:
        async with aclosing(News(store.look, every_s=0.001).follow()) as lines:
            await _event(lines)
            for number in range(3):
                await _looked(store)
                store.found[str(number)] = "new"
            await _looked(store)
            assert (await _event(lines))["experiments"] == ["0", "1", "2"]

    _run(work())


def test_nobody_looks_for_nobody() -> None:
    """The last who goes ends the looking, and the next who comes begins it again."""
    store = Store()

    async def work() -> None:
        news = News(store.look, every_s=0.001)
        for _ in range(2):
            async with aclosing(news.follow()) as lines:
                await _event(lines)
                await _looked(store)
                assert news.viewers == 1
            await asyncio.sleep(0.05)
            looks = store.looks
            await asyncio.sleep(0.05)
            assert (store.looks, news.viewers) == (looks, 0)

    _run(work())


def test_a_quiet_stream_shows_that_it_lives() -> None:
    """With a line that is no event."""
    store = Store()

    async def work() -> None:
        async with aclosing(News(store.look, every_s=0.001, quiet_s=0.01).follow()) as lines:
            await anext(lines)
            assert (await anext(lines)).startswith(b": ")

    _run(work())


def test_a_store_that_is_away_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Ends nothing: what changed meanwhile is told when it is back."""
    store = Store()

    async def work() -> None:
        async with aclosing(News(store.look, every_s=0.001).follow()) as lines:
            await _event(lines)
            await _looked(store)
            store.away = True
            await _looked(store)
            store.found["1"] = "b"
            store.away = False
            assert (await _event(lines))["experiments"] == ["1"]

    _run(work())
    assert "Viewers hear of no changes" in caplog.text


def test_the_end_ends_every_stream() -> None:
    """A server waits for its answers when it ends."""
    store = Store()

    async def work() -> None:
        news = News(store.look)
        lines = news.follow()
        await _event(lines)
        asyncio.get_running_loop().call_later(0.01, news.end)
        with pytest.raises(EOFError):
            await _event(lines)
        assert news.viewers == 0

    _run(work())


def test_versions_change_with_what_they_are_of(tmp_path: Path) -> None:
    """And with nothing else."""
    with desk_in(tmp_path) as desk:

        def changed(before: dict[str, str]) -> set[str]:
            now = dict(versions(desk.tracker, desk.catalog.store))
            return {name for name in now if now[name] != before.get(name)}

        run = desk.tracker.create_run("0").info
        before = dict(versions(desk.tracker, desk.catalog.store))
        assert changed(before) == set()
        desk.tracker.log_metric(run.run_id, "loss", 0.5)
        assert changed(before) == {"0"}
        before = dict(versions(desk.tracker, desk.catalog.store))
        desk.catalog.create_model("m")
        assert changed(before) == {"models"}
        before = dict(versions(desk.tracker, desk.catalog.store))
        Journal(desk.tracker.store).record("mlff.candidate.ready", subject="models:/m/1")
        assert changed(before) == {"models"}
        before = dict(versions(desk.tracker, desk.catalog.store))
        desk.tracker.store.put("sweeps/r/holder.json", b"{}")
        assert changed(before) == set()
        desk.tracker.store.put("sweeps/r/log/0.json", b"{}")
        assert changed(before) == {"sweeps"}


def test_only_a_store_that_stays_slow_is_looked_at_less_often() -> None:
    """The first look at a store takes long, and the next news must not wait for it."""
    store = Store()
    clock = ManualClock()
    slow = [10.0, 0.0, 0.0]

    def look() -> dict[str, str]:
        clock.advance(slow.pop(0) if slow else 0.01)
        return store.look()

    async def work() -> None:
        async with aclosing(News(look, every_s=0.001, clock=clock).follow()) as lines:
            await _event(lines)
            await _looked(store, 5)

    _run(work())
