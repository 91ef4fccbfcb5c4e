"""A port that a service of a test listens on is nobody else's, in whatever process other tests run."""

import subprocess
import sys

from tests import ports

FEW = range(29_000, 29_300)
ASKS = "from tests import ports; ports.PORTS = {}; print([ports.free_port() for _ in range(90)])"


def test_no_port_is_given_twice_here_or_in_another_process(monkeypatch) -> None:
    monkeypatch.setattr(ports, "PORTS", FEW)
    ours = {ports.free_port() for _ in range(90)}
    there = subprocess.run([sys.executable, "-c", ASKS.format(FEW)], capture_output=True, text=True, check=True)
    theirs = set(map(int, there.stdout.strip("[]\n").split(",")))
    assert len(ours) == len(theirs) == 90
    assert not ours & theirs
