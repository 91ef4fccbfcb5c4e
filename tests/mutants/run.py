"""Does a test notice a change?

A change is made in a forked process only, by an import hook: no file is touched. There the changed module is imported
anew with every module that rests on it, and the tests of its rules run and stop at the first that fails. What takes too
long, or cannot be imported, is noticed too.
"""

import gc
import importlib.abc
import importlib.util
import os
import resource
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.changes import PROJECT, Change
from tests.mutants.rules import RULES, sample
from tests.test_arrows import ARROWS, imported, parsed

SECONDS = 60  # of the processor
OURS = {*ARROWS, "tests"}
# Nothing is cached, and nothing is looked for among objects that were never freed: that takes longer than most tests.
OPTIONS = ("-x", "-qq", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-p", "no:unraisableexception")


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Loads one module from other source than its file's."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.module = module_of(change.path)

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
        fresh = resting_on(module_of(change.path))
        child = os.fork()
        if child == 0:
            os._exit(_outcome(change, fresh, tests))
        running[child] = change
    while running:
        yield from _ended(running)


def _ended(running: dict[int, Change]) -> Iterator[Change]:
    child, status = os.wait()
    change = running.pop(child)
    if os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK:
        yield change


def _outcome(change: Change, fresh: Iterable[str], tests: Sequence[str]) -> int:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.meta_path.insert(0, _Changed(change))
    for name in fresh:
        del sys.modules[name]
    first, *others = tests
    code = pytest.main([*OPTIONS, first])
    return int(pytest.main([*OPTIONS, *others]) if code == pytest.ExitCode.OK and others else code)


def warm(tests: Sequence[str]) -> None:
    """Run the tests once, so that each run imports and reads again only what rests on the module that it changes."""
    if pytest.main([*OPTIONS, *tests]) != pytest.ExitCode.OK:
        raise SystemExit("The tests do not pass as it is: every change would seem to be noticed.")
    gc.freeze()


def module_of(path: str) -> str:
    """The name of the module of a file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def resting_on(module: str) -> frozenset[str]:
    """Our modules that are imported and rest on this one, through whatever is between; itself too."""
    found, rest = frozenset[str](), {module} & sys.modules.keys()
    while rest:
        found |= rest
        rest = {name for name, needs in _needs().items() if needs & rest} - found
    return found


@cache
def _needs() -> dict[str, set[str]]:
    """What each of our imported modules imports: modules that a name of an import statement is, or is of."""
    ours = {name: module.__file__ for name, module in sys.modules.items() if name.split(".")[0] in OURS}
    return {
        name: {_within(one, ours) for one in imported(parsed(Path(file)))} - {""} for name, file in ours.items() if file
    }


def _within(name: str, modules: Container[str]) -> str:
    """The module that a dotted name is, or is of; empty where it is none of these."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def of_a_sample(size: int) -> float:
    """How many of a fixed sample of changes are noticed, as a share; those that are not are printed."""
    tried = [(change, RULES[change.path]) for change in sample(size)]
    warm(sorted({test for _, tests in tried for test in tests}))
    missed = [change.name for change in unnoticed(tried)]
    print("\n".join(missed))
    return 1 - len(missed) / len(tried)
