"""Does a test notice a change?

A change is made in a forked process only, by an import hook: no file is touched. The tests of the changed module's
rules run there and stop at the first that fails. What takes too long, or cannot be imported, is noticed too.
"""

import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from tests.mutants.changes import PROJECT, Change
from tests.mutants.rules import RULES, sample

SECONDS = 60
FRESH = ("transforms", "tests", "expectations")


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Loads one module from other source than its file's."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.module = change.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        place = str(PROJECT / self.change.path)
        return importlib.util.spec_from_file_location(fullname, place, loader=self)

    def get_filename(self, fullname: str) -> str:
        return str(PROJECT / self.change.path)

    def get_data(self, path: str) -> bytes:
        return self.change.source.encode()

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError("never from a cache")


def unnoticed(found: Iterable[tuple[Change, Sequence[str]]], at_once: int = 2) -> Iterator[Change]:
    """The changes that no test notices; so many are tried at once. What cannot begin or does not end is noticed."""
    running: dict[int, Change] = {}
    for change, tests in found:
        if len(running) == at_once:
            yield from _ended(running)
        child = os.fork()
        if child == 0:
            os._exit(_outcome(change, tests))
        running[child] = change
    while running:
        yield from _ended(running)


def _ended(running: dict[int, Change]) -> Iterator[Change]:
    child, status = os.wait()
    change = running.pop(child)
    if os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK:
        yield change


def _outcome(change: Change, tests: Sequence[str]) -> int:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.alarm(SECONDS)
    sys.meta_path.insert(0, _Changed(change))
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))


def warm(tests: Sequence[str]) -> None:
    """Import once what every run needs, and forget our own modules again, so that each run imports its own."""
    code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *tests], plugins=[_Silent()])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit("The tests cannot be collected: every change would seem to be noticed.")
    for name in [name for name in sys.modules if name.split(".")[0] in FRESH and not name.startswith("tests.mutants")]:
        del sys.modules[name]


class _Silent:
    """Collects without a word."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        session.items.clear()


def of_a_sample(size: int) -> float:
    """How many of a fixed sample of changes are noticed, as a share; those that are not are printed."""
    tried = [(change, RULES[change.path]) for change in sample(size)]
    warm(sorted({test for _, tests in tried for test in tests}))
    missed = [change.name for change in unnoticed(tried)]
    print("\n".join(missed))
    return 1 - len(missed) / len(tried)
