"""How is a large stage's work done on both cores?

By two processes: the second is forked, so that it has what the stage has read without reading it again. The first
takes tasks from the beginning and the second from the end, until they meet; the second gives back what came of its own,
touches nothing else, and ends when the first does. Where it gives nothing, whatever stopped it, the first does those
tasks too, and fails where it did.
"""

import ctypes
import gc
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from mmap import mmap
from multiprocessing.reduction import ForkingPickler
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")
WHEN_THE_FIRST_ENDS = 1  # PR_SET_PDEATHSIG of prctl(2)


def results_of(tasks: Sequence[Callable[[], T]], *, is_much: bool) -> list[T]:
    """What comes of each task, in their order; those in the middle had better be short.

    Where it is not much this process does all of it: to fork would take longer.
    """
    if not is_much:
        return [task() for task in tasks]
    waiting = _left_to_take(len(tasks))
    gc.disable()  # in both: to look for garbage would copy all memory that the two share
    second = _second(tasks, waiting)
    try:
        done = _taken(tasks, range(len(tasks)), waiting)
        done |= second.answer()
    finally:
        second.end()
        os.close(waiting)
        _enable_collection()
    return [done[number] if number in done else task() for number, task in enumerate(tasks)]


def _enable_collection() -> None:
    """Look for garbage again, but among what is made from now on: of all that was made meanwhile little is any."""
    gc.freeze()
    gc.unfreeze()
    gc.enable()


def _left_to_take(count: int) -> int:
    """A pipe with a byte for each task: who gets one takes a task, so that no task is taken twice."""
    reading, writing = os.pipe()
    os.write(writing, bytes(count))
    os.close(writing)
    return reading


def _taken(tasks: Sequence[Callable[[], T]], order: Iterable[int], waiting: int) -> dict[int, T]:
    """What comes of the tasks that the other process does not take, by their numbers."""
    return {number: tasks[number]() for number in takewhile(lambda _: os.read(waiting, 1), order)}


@dataclass
class _Second(Generic[T]):
    """A second process, its number while it was not waited for, and where it leaves what comes of its tasks.

    Not a pipe: until that is read it would stay, and keep of all that the first one changes how it was.
    """

    process: int
    left: int

    def answer(self) -> dict[int, T]:
        _, code = os.waitpid(self.process, 0)
        self.process = 0
        if code:  # it did not come to its end
            return {}
        with mmap(self.left, 0) as left:
            found: dict[int, T] = ForkingPickler.loads(left)
        return found

    def end(self) -> None:
        os.close(self.left)
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


def _second(tasks: Sequence[Callable[[], T]], waiting: int) -> _Second[T]:
    left = os.memfd_create("answer")  # in no folder
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of other threads: they are Arrow's, which sees to it
        process = os.fork()
    if not process:
        _work(tasks, waiting, left)
    return _Second(process, left)


def _work(tasks: Sequence[Callable[[], object]], waiting: int, left: int) -> NoReturn:
    """What the second process does; it ends without a word and without anything of what the first one would do."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; this one ends with the first
        ctypes.CDLL(None).prctl(WHEN_THE_FIRST_ENDS, signal.SIGKILL)
        with open(left, "wb") as file:
            ForkingPickler(file).dump(_taken(tasks, range(len(tasks))[::-1], waiting))
        code = 0
    finally:
        os._exit(code)
