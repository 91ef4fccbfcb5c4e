"""A delivery that is killed at any moment is finished by the next run, and nothing arrives twice."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.delivery.openpgp import Keyring
from connectors.store.paths import Home
from tests.deliver.faults import Plan, faulty
from tests.deliver.nights import Partners, expect_all_held, expect_nothing_false, exported, recipient

KILLS = 20  # of each seed; the ten seeds together are 200


class Worker:
    """Delivers nights in processes that can be killed."""

    def __init__(self, home: Home) -> None:
        command = [sys.executable, "-m", "tests.deliver.zygote", str(home.root)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def deliver(self, night: date, killed_after: float | None = None) -> tuple[int, float]:
        """Deliver a night, or kill the process after some seconds; its status (0: all delivered) and its seconds."""
        start = time.monotonic()
        print(night, "" if killed_after is None else killed_after, file=self._process.stdin, flush=True)
        assert self._process.stdout is not None
        return int(self._process.stdout.readline()), time.monotonic() - start

    def end(self) -> None:
        """End the process that makes the others."""
        self._process.communicate(timeout=10)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_killed_at_random_moments_every_partner_ends_with_exactly_its_files(home: Home, seed: int) -> None:
    chance = random.Random(seed)
    plan = Plan()
    partners = {"mash": recipient("mash"), "panel": recipient("panel", encryption="plain")}
    folders = {name: home.drops / name for name in partners}
    with Partners(home, partners, *faulty(plan)) as running:
        worker = Worker(home)
        running.callback(worker.end)
        took, cut_off = 1.0, 0
        for number in range(KILLS):
            night = date(2022, 1, 1) + timedelta(days=number)
            files = {f"drop_{night:%Y%m%d}.csv": os.urandom(40_000), "manifest.json": f"{night}".encode()}
            run = exported(home, {"mash": files, "panel": files}, night)
            status, _ = worker.deliver(night, killed_after=chance.uniform(0, took))
            cut_off += status != 0
            expect_nothing_false(run, folders)
            status, seconds = worker.deliver(night)
            assert status == 0
            took = 0.8 * took + 0.2 * (seconds + 0.2)
            expect_all_held(run, folders)
            assert _opened(home) == len(files)
            _collect(folders.values())
        assert cut_off > KILLS / 3, "most processes ended before they were killed: this proves too little"
    assert len(plan.arrivals) == 4 * KILLS, "a file arrived twice"


def _collect(folders: Iterable[Path]) -> None:
    """The partners take their files away."""
    for folder in folders:
        for path in (path for path in folder.rglob("*") if path.is_file()):
            path.unlink()


def _opened(home: Home) -> int:
    """How many of a partner's files its own key decrypts, with the force's signature."""
    theirs = Keyring(home.standin / "mash" / "keyring")
    own = Keyring(home.keyring).signing_key()
    opened = 0
    for path in sorted((home.drops / "mash").glob("*.gpg")):
        opened += theirs.decrypt(path, home.root / "opened", 1_000_000) == own
    return opened
