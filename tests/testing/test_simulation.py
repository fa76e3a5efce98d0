"""Simulated processes take turns as a seed says, and die when they are killed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from mlflowflow.ids import is_run_id
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.simulation import (
    START_US,
    Killed,
    Pace,
    Restless,
    SimulatedClock,
    SimulatedIds,
    Simulation,
    SteadyClock,
    SteppedBlobStore,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def in_turn(*calls: Callable[[], object]) -> Callable[[], None]:
    """Return a process that makes `calls` one after the other."""

    def work() -> None:
        for call in calls:
            call()

    return work


def racing(seed: int) -> tuple[str, list[str]]:
    """Let three processes append to one list as `seed` says, and return the digest and the list."""
    simulation = Simulation(seed)
    seen: list[str] = []

    def work(name: str) -> Callable[[], None]:
        def append() -> None:
            for number in range(4):
                simulation.pause(f"about {number}")
                seen.append(f"{name}{number}")

        return append

    for name in "abc":
        simulation.spawn(name, work(name))
    simulation.run()
    return simulation.digest, seen


@pytest.mark.parametrize("seed", range(5))
def test_one_seed_gives_one_history(seed: int) -> None:
    """Whatever a seed has shown, it shows again."""
    assert racing(seed) == racing(seed)


def test_seeds_give_different_histories() -> None:
    """Among many seeds most orders are met, also those in which one process does everything first."""
    orders = {tuple(racing(seed)[1]) for seed in range(100)}
    alone = [f"a{number}" for number in range(4)]
    assert len(orders) > 40
    assert any(list(order[:4]) == alone for order in orders)


def test_a_process_keeps_its_own_order() -> None:
    """Only what different processes do is interleaved."""
    for seed in range(20):
        for name in "abc":
            assert [each for each in racing(seed)[1] if each[0] == name] == [f"{name}{n}" for n in range(4)]


def test_a_lost_update_is_found() -> None:
    """Reading and writing in two steps loses an update in some orders: the simulation meets one."""

    def total(seed: int) -> int:
        simulation = Simulation(seed)
        counter = [0]

        def add() -> None:
            before = counter[0]
            simulation.pause()
            counter[0] = before + 1

        for name in "ab":
            simulation.spawn(name, add)
        simulation.run()
        return counter[0]

    assert {total(seed) for seed in range(20)} == {1, 2}


def test_an_error_stays_with_its_process() -> None:
    """The others go on, and the error is there to be judged."""
    simulation = Simulation(0)
    fine = simulation.spawn("fine", simulation.pause)
    failing = simulation.spawn("failing", partial({"a": 1}.__getitem__, "missing"))
    simulation.run()
    assert (fine.error, fine.done, failing.done) == (None, True, True)
    assert isinstance(failing.error, KeyError)


def test_a_killed_process_has_no_effect_any_more() -> None:
    """Blocks that are left on the way out can neither write nor read nor sleep."""
    for seed in range(20):
        simulation = Simulation(seed)
        store = SteppedBlobStore(MemoryBlobStore(), simulation)

        def work(simulation: Simulation = simulation, store: SteppedBlobStore = store) -> None:
            try:
                store.put("before", b"")
                store.put("after", b"")
                simulation.sleep(100)
            finally:
                store.put("never", b"")

        victim = simulation.spawn("victim", work)
        pause, kill = simulation.pause, partial(simulation.kill, victim)
        simulation.spawn("killer", in_turn(pause, pause, kill))
        simulation.run()
        assert victim.dead
        assert not victim.done
        assert keys(store.inner) <= {"before", "after"}


def test_killing_releases_what_the_process_held() -> None:
    """What the system does for a dead process is done at once, before anybody else runs."""
    simulation = Simulation(0)
    released: list[str] = []
    victim = simulation.spawn("victim", lambda: simulation.sleep(9))
    victim.at_death.append(lambda: released.append("lock"))
    simulation.spawn(
        "killer", in_turn(partial(simulation.kill, victim), partial(released.append, "killer goes on"))
    )
    simulation.run()
    assert released == ["lock", "killer goes on"]


def test_a_process_may_kill_itself() -> None:
    """That is what a crash point does."""
    simulation = Simulation(0)
    reached: list[str] = []

    def work() -> None:
        reached.append("before")
        victim = simulation.current
        assert victim is not None
        simulation.kill(victim)
        reached.append("after")

    victim = simulation.spawn("victim", work)
    simulation.run()
    simulation.kill(victim)
    assert (reached, victim.dead, victim.error) == (["before"], True, None)


def test_who_is_not_started_can_be_killed() -> None:
    """It never takes a step."""
    simulation = Simulation(0)
    reached: list[str] = []
    victim = simulation.spawn("victim", lambda: reached.append("ran"))
    simulation.kill(victim)
    simulation.run()
    assert (victim.dead, reached) == (True, [])


def test_swallowing_its_death_helps_nobody() -> None:
    """Even code that catches everything does nothing more."""
    simulation = Simulation(0)
    store = SteppedBlobStore(MemoryBlobStore(), simulation)

    def work() -> None:
        try:
            simulation.sleep(9)
        except Killed:
            store.put("after death", b"")

    victim = simulation.spawn("victim", work)
    simulation.spawn("killer", in_turn(partial(simulation.sleep, 1), partial(simulation.kill, victim)))
    simulation.run()
    assert keys(store.inner) == set()


def test_sleeping_costs_simulated_time_only() -> None:
    """Two days pass at once, and a shorter sleep ends first."""
    simulation = Simulation(0)
    woken: list[str] = []
    simulation.spawn("long", in_turn(partial(simulation.sleep, 172_800), partial(woken.append, "long")))
    simulation.spawn("short", in_turn(partial(simulation.sleep, 60), partial(woken.append, "short")))
    simulation.run()
    assert woken == ["short", "long"]
    assert simulation.now_us >= START_US + 172_800_000_000


def test_time_leaps_at_its_pace() -> None:
    """Where a seed may let minutes pass between two steps, it does."""
    simulation = Simulation(0, pace=Pace(leap_rate=1.0, leaps_s=(60.0,)))
    simulation.spawn("one", in_turn(simulation.pause, simulation.pause))
    simulation.run()
    assert simulation.now_us - START_US >= 3 * 60_000_000


def test_what_never_ends_is_told() -> None:
    """A process that waits for what cannot come does not hang the test."""
    simulation = Simulation(0)

    def work() -> None:
        while True:
            simulation.pause("still here")

    simulation.spawn("endless", work)
    with pytest.raises(Restless, match=r"no end after 50 steps.*still here"):
        simulation.run(steps=50)


def test_a_process_may_start_others() -> None:
    """A child runs on after its parent has ended."""
    simulation = Simulation(3)
    seen: list[str] = []
    child = in_turn(simulation.pause, partial(seen.append, "child"))
    simulation.spawn(
        "parent", in_turn(partial(simulation.spawn, "child", child), partial(seen.append, "parent"))
    )
    simulation.run()
    assert seen == ["parent", "child"]


def test_outside_of_processes_nothing_waits() -> None:
    """A test prepares and examines with the same store and clock that its processes use."""
    simulation = Simulation(0)
    store = SteppedBlobStore(MemoryBlobStore(), simulation)
    store.put("a", b"1")
    store.create("b", b"2")
    store.delete("a")
    SimulatedClock(simulation).sleep(2)
    assert ([blob.key for blob in store.list("")], store.get("b"), store.shared) == (["b"], b"2", False)
    assert simulation.now_us == START_US + 2_000_000
    assert store.url == store.inner.url


def test_the_history_tells_calls_and_answers() -> None:
    """Two histories are equal only if the same bytes went to the same places and came back."""

    def digest(body: bytes) -> str:
        simulation = Simulation(0)
        store = SteppedBlobStore(MemoryBlobStore(), simulation)
        simulation.spawn(
            "one", in_turn(partial(store.put, "a", body), partial(store.get, "a"), partial(store.get, "b"))
        )
        simulation.run()
        assert len(simulation.events) == 5
        return simulation.digest

    assert digest(b"1") == digest(b"1") != digest(b"2")


def test_clocks_may_be_wrong_each_in_its_way() -> None:
    """A skewed clock differs from the simulation's time by its skew; going on is the same for all."""
    simulation = Simulation(0)
    right, wrong = SteadyClock(simulation), SimulatedClock(simulation, skew_us=-5)
    assert (right.now_us(), wrong.now_us()) == (START_US, START_US - 5)
    right.sleep(3)
    assert right.monotonic_s() == wrong.monotonic_s() == 3


def test_ids_follow_seed_and_name() -> None:
    """Replays make the same ids, and no two processes the same."""

    def made(seed: int, name: str) -> tuple[str, str, str]:
        ids = SimulatedIds(Simulation(seed), name)
        return ids.run_id(), ids.experiment_id(), ids.token()

    assert made(1, "a") == made(1, "a")
    everyone = [made(1, "a"), made(1, "b"), made(2, "a")]
    assert len({each for ids in everyone for each in ids}) == 9
    for run_id, experiment_id, token in everyone:
        assert (is_run_id(run_id), len(run_id), len(experiment_id), len(token)) == (True, 32, 18, 16)
