"""How fast is the processing log written and verified, beside the same rows without a chain?

    python -m bench.register [--entries 20000]

Prints entries a second, and the ratio to plain SQLite inserts of the same rows in the same run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from connectors.register.database import LogEntry, log, open_register, verify_chain, writing


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(count: int) -> None:
    """Write and verify a chain of `count` entries, and write them without one."""
    entries = [LogEntry("COLLECTION", "bench", f"record:{number}", run="2022-01-01") for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        register = open_register(Path(folder) / "register.sqlite")
        plain = sa.Table("plain", sa.MetaData(), *(sa.Column(name, sa.Text) for name in asdict(entries[0])))
        plain.create(register)

        def chained() -> None:
            with writing(register) as connection:
                log(connection, entries)

        def unchained() -> None:
            with register.begin() as connection:
                connection.execute(plain.insert(), [asdict(entry) for entry in entries])

        floor = seconds(unchained)
        for name, taken in (("written", seconds(chained)), ("verified", seconds(lambda: verify_chain(register)))):
            print(f"{name:<9}{count / taken:>9,.0f} entries a second   {taken / floor:5.1f} x plain inserts")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=20_000)
    main(arguments.parse_args().entries)
