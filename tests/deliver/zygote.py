"""A process that has everything loaded and, for each line it reads, lets a copy of itself deliver a night.

A line is a date and, where the copy is to be killed, after how many seconds. The answer is how the copy ended. Killing
a copy is as killing a worker of the scheduler.
"""

import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

from connectors.store.paths import Home
from night.deliver import deliver
from tests.deliver.nights import run_of


def main() -> None:
    home = Home(Path(sys.argv[1]))
    for line in sys.stdin:
        night, *seconds = line.split()
        child = os.fork()
        if child == 0:
            _deliver(home, date.fromisoformat(night))
        for wait in seconds:
            time.sleep(float(wait))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


def _deliver(home: Home, night: date) -> None:
    try:
        deliver(run_of(home, night))
    except Exception as failure:
        print(failure, file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
