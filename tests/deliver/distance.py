"""A far away server: what it says arrives only once we have nothing left to say, which is one round trip."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

QUIET_SECONDS = 0.05


@dataclass
class Distance:
    """How far it is: the port on this side, and how many round trips were made."""

    port: int
    round_trips: int = 0
    held: list[socket.socket] = field(default_factory=list)

    def carry(self, near: socket.socket, far: socket.socket) -> None:
        """Carry bytes there at once, and back in one go when the near side has been quiet for a moment."""
        waiting = bytearray()
        while True:
            ready, _, _ = select.select([near, far], [], [], QUIET_SECONDS)
            if near in ready:
                if not (said := near.recv(1 << 20)):
                    return
                far.sendall(said)
            elif far in ready:
                if not (said := far.recv(1 << 20)):
                    near.sendall(waiting)
                    return
                waiting += said
            elif waiting:
                self.round_trips += 1
                near.sendall(waiting)
                waiting.clear()


@contextmanager
def far_away(port: int) -> Iterator[Distance]:
    """A server of this machine as if it were far away."""
    listener = socket.create_server(("127.0.0.1", 0))
    distance = Distance(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            near, _ = listener.accept()
            distance.held += [near, socket.create_connection(("127.0.0.1", port))]
            distance.carry(*distance.held)
        for end in distance.held:
            end.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield distance
    finally:
        listener.close()
        thread.join(10)
