"""A process that follows a replay, forked with everything loaded, in place of one that would load it all again.

The product spawns it, and that is most of what a fault of a replay costs; tests/clvt/killing.py kills that one. This
one is forked before there is any thread or connection, and shares with the replay only what it is handed.
"""

import multiprocessing
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import set_spawning_popen
from multiprocessing.reduction import ForkingPickler
from typing import Any

FIRST_DESCRIPTOR = 900  # where files that are handed over lie in the follower: out of the way of its own
MOST_DESCRIPTORS = 8


@dataclass(frozen=True)
class Handed:
    """A file that was handed over: its descriptor there."""

    descriptor: int

    def detach(self) -> int:
        return self.descriptor


class Ready:
    """What `multiprocessing` calls a context, of one process that waits for its work already."""

    Pipe = staticmethod(multiprocessing.Pipe)
    DupFd = Handed

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._files: list[int] = []
        self._child = os.fork()
        if not self._child:
            self._ours.close()
            try:
                _work(theirs)
            finally:
                os._exit(0)  # whatever happens: nothing of the replay itself goes on in here
        theirs.close()

    def Process(self, target: Callable[..., None], args: tuple[Any, ...]) -> "Ready":  # noqa: N802 — its name there
        self._target = target, args
        return self

    def start(self) -> None:
        set_spawning_popen(self)
        try:
            work = bytes(ForkingPickler.dumps((dict(os.environ), *self._target)))
        finally:
            set_spawning_popen(None)
        socket.send_fds(self._ours, [work], self._files)
        self._ours.close()

    def duplicate_for_child(self, descriptor: int) -> int:
        """Where a file of ours will lie there; asked while the work is written down."""
        self._files.append(descriptor)
        return FIRST_DESCRIPTOR + len(self._files) - 1

    def join(self) -> None:
        os.waitpid(self._child, 0)


def _work(given: socket.socket) -> None:
    work, files, _, _ = socket.recv_fds(given, 1 << 20, MOST_DESCRIPTORS)
    for number, descriptor in enumerate(files):
        os.dup2(descriptor, FIRST_DESCRIPTOR + number, inheritable=False)
        os.close(descriptor)
    while more := given.recv(1 << 20):
        work += more
    if work:  # none where the replay ended before it began
        environment, target, args = ForkingPickler.loads(work)
        os.environ.update(environment)
        target(*args)
