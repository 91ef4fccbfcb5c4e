"""How can what leaves of one night be made while the next night is reconciled?

The tracker of a night needs only the tracker of the night before; its files need only the tracker and the files before
them, and its pages no earlier pages. So a second process follows the first through the nights and makes what leaves, in
order; the pages of a night that it has no time for, since the first is ahead of it, the first one makes. It ends when
the first does, however that ends. It holds the home's lock with the first, so that who starts again waits for one that
is still at its last night.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import dropwhile
from multiprocessing.connection import Connection

from connectors.register.history import Ended
from night.failures import MayNotRun, NightFailed
from night.night import STAGE_OF, import_ahead, run_night
from night.run import Run

# A forked process would share the first one's database connections and threads.
PROCESSES = multiprocessing.get_context("spawn")


@dataclass
class Follower:
    """The process that runs these stages of nights, and the nights that it has not answered yet, oldest first."""

    base: Run
    stages: tuple[str, ...]
    nights: Connection
    given: deque[date] = field(default_factory=deque)

    def take(self, night: date) -> list[Ended]:
        """Give it one more night; returns the stages that ended meanwhile."""
        try:
            self.nights.send(night)
        except ConnectionError:  # it has ended: what it sent last says why
            while True:
                self._answer()
        self.given.append(night)
        ended = []
        while self.nights.poll():
            ended += self._answer()
        return ended

    def finish(self) -> list[Ended]:
        """Wait for every night it was given; returns the stages that ended meanwhile."""
        ended = []
        while self.given:
            ended += self._answer()
        return ended

    def _answer(self) -> list[Ended]:
        """What it answers of its next night, and what it left to us; NightFailed where the night failed."""
        try:
            answer: list[Ended] | str = self.nights.recv()
        except (EOFError, ConnectionError):
            answer = (
                "The process that makes files and pages was ended from outside. Start the replay again: it goes on."
            )
        if isinstance(answer, str):
            raise NightFailed(answer)
        run, last = replace(self.base, as_of=self.given.popleft()), self.stages[-1]
        return answer if last in {one.stage for one in answer} else [*answer, *run_night(run, [last])]


@contextmanager
def following(base: Run, stages: Sequence[str]) -> Iterator[Follower]:
    """A follower that runs these stages of the nights it is given; at the end it hears that no more come."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=follow, args=(theirs, base, tuple(stages)))
    process.start()
    theirs.close()
    try:
        yield Follower(base, tuple(stages), ours)
    finally:
        ours.close()
        process.join()


def follow(nights: Connection, base: Run, stages: Sequence[str]) -> None:
    """Run the stages of every night that comes, until no more do or one fails; tells how each ended.

    A night goes on from its first stage that has not ended: the page of a night that failed is made again. The last
    stage is left to the first process where that is ahead, so that another night waits already. What the stages import
    is imported while the first one makes its first night.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the first tells the second by ending
    import_ahead(stages)
    while True:
        try:
            run = replace(base, as_of=nights.recv())
            due = list(dropwhile(partial(is_done, run), stages))
            answer: list[Ended] | str = run_night(run, (due[:-1] if nights.poll() else []) or due)
        except (NightFailed, MayNotRun) as failed:
            answer = str(failed)
        except EOFError:
            return
        try:
            nights.send(answer)
        except BrokenPipeError:
            return
        if isinstance(answer, str):  # no later night is made before this one
            return


def is_done(run: Run, stage: str) -> bool:
    """True where a night's stage has ended before: it is not made again."""
    return run.folder.is_sealed(STAGE_OF.get(stage, stage)) or run.folder.thinned.is_file()
