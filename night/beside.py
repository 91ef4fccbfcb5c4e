"""How is part of a large stage made on the second core?

By a process that is forked, so that it has what the stage has read without reading it again. It works something out,
gives it back, and touches nothing else; it ends when the first one does. Where it gives nothing, whatever stopped it,
the first one does that work too, and fails where the second one did.
"""

import ctypes
import gc
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")
WHEN_THE_FIRST_ENDS = 1  # PR_SET_PDEATHSIG of prctl(2)


@contextmanager
def beside(work: Callable[[], T], *, is_much: bool) -> Iterator[Callable[[], T]]:
    """Begin some work, and meanwhile do the block; what it is given waits for what comes of the work.

    Where it is not much it is done when it is asked for: to fork would take longer.
    """
    if not is_much:
        yield work
        return
    second = _second(work)
    try:
        yield second.answer
    finally:
        second.end()


@dataclass
class _Second(Generic[T]):
    """A second process, and where its answer comes from."""

    work: Callable[[], T]
    process: int
    comes_from: Connection

    def answer(self) -> T:
        try:
            found: T = self.comes_from.recv()
        except (EOFError, OSError):  # it has ended
            found = self.work()
        return found

    def end(self) -> None:
        self.comes_from.close()
        os.kill(self.process, signal.SIGKILL)  # nobody else gets its number before it is waited for
        os.waitpid(self.process, 0)


def _second(work: Callable[[], T]) -> _Second[T]:
    ours, theirs = Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of other threads: they are Arrow's, which sees to it
        process = os.fork()
    if not process:
        _work(work, theirs)
    theirs.close()
    return _Second(work, process, ours)


def _work(work: Callable[[], object], answer: Connection) -> NoReturn:
    """What the second process does; it ends without a word and without anything of what the first one would do."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; this one ends with the first
        ctypes.CDLL(None).prctl(WHEN_THE_FIRST_ENDS, signal.SIGKILL)
        gc.disable()  # to look for garbage would copy all memory that the two share
        answer.send(work())
    finally:
        os._exit(0)
