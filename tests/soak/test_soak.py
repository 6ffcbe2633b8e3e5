"""
A soak: load at four fifths of what is possible, while everything that can befall befalls.

Producers send at a rate that is 80 % of what they reached undisturbed; hostile clients do their
worst; processes are killed, the whole is restarted, the disk fills up, the clock jumps by up to
forty minutes. At the end the log and the answers must equal the producers' own lists exactly.

    TALLYSTICK_TEST_PROFILE=nightly pytest -m nightly tests/soak -s

`TALLYSTICK_TEST_SOAK_MINUTES` says how long (20), `TALLYSTICK_SOAK_SEED` repeats a course.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil
import pytest

from tallystick.bootstrap import LocalAccess
from tests import plain_http
from tests.soak.faults import Clock, Faults, small_mount
from tests.soak.hostile import Hostile
from tests.soak.producers import Pace, Producer
from tests.soak.verdict import held_against_answers, held_against_log
from tests.stories.installation import run_command
from tests.stories.up import Up, reachable_folder
from tests.waiting import wait_until

CATALOG = Path(__file__).with_name("catalog.yaml")
PRODUCERS = 4
SHARE = 0.8
MEBIBYTES = 20 * 1024
WATCHED_SECONDS = 5.0
SAID_CHARS_MAX = 20_000


@dataclass(slots=True)
class Course:
    """A soak of so many seconds, and what is to be told of it."""

    up: Up
    seconds: float
    chance: random.Random
    pace: Pace = field(default_factory=Pace)
    stop: threading.Event = field(default_factory=threading.Event)
    producers: list[Producer] = field(default_factory=list)
    befell: Counter[str] = field(default_factory=Counter)
    hostile: Hostile | None = None
    owner_mebibytes_max: int = 0

    def run(self, clock: Clock) -> None:
        """Measure what is possible, then go on at a share of it while things befall."""
        self.producers = [self._producer(f"soak/{number}") for number in range(PRODUCERS)]
        threads = _in_threads(*(producer.run for producer in self.producers))
        try:
            self._watch(self.seconds / 10)
            possible = sum(p.sent for p in self.producers) / (self.seconds / 10)
            self.pace.events_per_second = SHARE * possible
            over = threading.Event()
            faults = Faults(self.up, clock, self._chance(), over, self.befell)
            self.hostile = Hostile(
                self.up.port, self.up.data, self.producers, self.stop, self._chance()
            )
            threads += _in_threads(self.hostile.run)
            raging = _in_threads(faults.rage)
            self._watch(self.seconds * 9 / 10)
            over.set()
            raging[0].join(300)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(120)

    def told(self) -> str:
        """Return what happened, for the reader of the run."""
        hostile, pace = self.hostile, self.pace.events_per_second or 0
        lines = [
            f"pace: {pace:,.0f} events/s, {SHARE:.0%} of what is possible",
            f"acknowledged: {sum(p.sent for p in self.producers):,} events",
            f"answers to producers: {dict(sum((p.answers for p in self.producers), Counter()))}",
            f"answers to hostile clients: {dict(hostile.answers) if hostile else {}}",
            f"befell: {dict(self.befell)}",
            f"owner's memory at most: {self.owner_mebibytes_max} MiB",
        ]
        return "\n".join(lines)

    def surprises(self) -> list[str]:
        """Return answers that nobody should have got."""
        found = [text for producer in self.producers for text in producer.surprises]
        return found + (self.hostile.surprises if self.hostile else [])

    def _producer(self, name: str) -> Producer:
        return Producer(name, self.up.port, self.up.data, self.pace, self.stop, self._chance())

    def _chance(self) -> random.Random:
        return random.Random(self.chance.getrandbits(64))

    def _watch(self, seconds: float) -> None:
        """Let time pass, with an eye on the owner's memory."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.stop.wait(min(WATCHED_SECONDS, left))
            try:
                owner = self.up.find("owner")
                resident = owner.memory_info().rss if owner else 0
            except psutil.Error:
                continue
            self.owner_mebibytes_max = max(self.owner_mebibytes_max, resident >> 20)


def _in_threads(*runs: Callable[[], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    return threads


def _token(up: Up) -> str:
    return msgspec.json.decode(up.data.token.read_bytes(), type=LocalAccess).token


def _verdict(up: Up, producers: Sequence[Producer]) -> list[str]:
    wrong, position = held_against_log(up.data, producers)
    wait_until(
        lambda: plain_http.get(f"{up.url}/readyz").json()["projection_position"] >= position,
        seconds_max=600,
        waiting_for="the projection to cover the log",
    )
    headers = {"authorization": f"Bearer {_token(up)}"}
    with plain_http.client(up.url, headers=headers) as client:
        return wrong + held_against_answers(client, producers, position)


@pytest.mark.parametrize("minutes", [pytest.param(0.0, id="flag", marks=pytest.mark.nightly)])
def test_what_was_acknowledged_is_what_counts(minutes: float) -> None:
    """Under load and whatever befalls, counts equal the producers' lists exactly."""
    minutes = minutes or float(os.environ.get("TALLYSTICK_TEST_SOAK_MINUTES", "20"))
    wanted = os.environ.get("TALLYSTICK_TEST_SOAK_SEED")
    seed = int(wanted or random.SystemRandom().randrange(2**32))
    print(f"seed {seed}, {minutes} minutes")  # noqa: T201 - the way to repeat it
    folder = reachable_folder()
    clock = Clock.beside(folder)
    with small_mount(folder, mebibytes=MEBIBYTES):
        limits = {"TALLYSTICK_RATE_LIMIT": "1000000"}
        up = Up(folder, "--no-sample", environment=clock.environment | limits)
        try:
            up.await_ready()
            applied = run_command("apply", "-f", CATALOG, "--url", up.url, "--key", _token(up))
            assert applied.code == 0, applied
            course = Course(up, minutes * 60, random.Random(seed))
            course.run(clock)
            up.await_ready()
            print(course.told())  # noqa: T201 - a soak is read, not only passed
            assert course.surprises() == []
            assert _verdict(up, course.producers) == []
        finally:
            print(up.said.read_text()[-SAID_CHARS_MAX:])  # noqa: T201 - why it went wrong
            up.stop()
