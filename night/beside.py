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
from multiprocessing.reduction import ForkingPickler
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
    """A second process, its number while it was not waited for, and where it leaves what comes of its work.

    Not a pipe: until that is read it would stay, and keep of all that the first one changes how it was.
    """

    work: Callable[[], T]
    process: int
    left: int

    def answer(self) -> T:
        _, code = os.waitpid(self.process, 0)
        self.process = 0
        if code:  # it did not come to its end
            return self.work()
        with open(self.left, "rb", closefd=False) as file:
            file.seek(0)
            found: T = ForkingPickler.loads(file.read())
        return found

    def end(self) -> None:
        os.close(self.left)
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


def _second(work: Callable[[], T]) -> _Second[T]:
    left = os.memfd_create("answer")  # in no folder
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of other threads: they are Arrow's, which sees to it
        process = os.fork()
    if not process:
        _work(work, left)
    return _Second(work, process, left)


def _work(work: Callable[[], object], left: int) -> NoReturn:
    """What the second process does; it ends without a word and without anything of what the first one would do."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; this one ends with the first
        ctypes.CDLL(None).prctl(WHEN_THE_FIRST_ENDS, signal.SIGKILL)
        gc.disable()  # to look for garbage would copy all memory that the two share
        with open(left, "wb") as file:
            ForkingPickler(file).dump(work())
        code = 0
    finally:
        os._exit(code)
