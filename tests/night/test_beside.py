"""What a second process makes beside a stage is what the stage would have made, or the stage makes it itself."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from night.beside import results_of


def has_ended(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return True
    return "State:\tZ" in status  # nobody has asked yet how it ended


def wait_for_the_end_of(process: int) -> None:
    deadline = time.monotonic() + 30
    while not has_ended(process):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


@pytest.mark.parametrize("is_much", [True, False])
def test_much_work_is_done_by_two_processes_and_little_by_this_one(is_much):
    both_began = [os.pipe(), os.pipe()]

    def task(mine: int) -> int:
        if is_much:  # each waits until the other is at work
            os.write(both_began[1 - mine][1], b"1")
            os.read(both_began[mine][0], 1)
        return os.getpid()

    found = results_of([partial(task, 0), partial(task, 1)], is_much=is_much)
    assert os.getpid() in found
    assert len(set(found)) == (2 if is_much else 1)


def test_what_comes_of_the_tasks_stands_in_their_order_whoever_did_them():
    assert results_of([partial(pow, number, 2) for number in range(500)], is_much=True) == [n * n for n in range(500)]


def test_no_tasks_give_nothing():
    assert results_of([], is_much=True) == []


def only_in_the_second(what: Callable[[], None], ours: int) -> str:
    if os.getpid() != ours:
        what()
    time.sleep(0.02)  # so that the second one gets some
    return "made"


def test_tasks_whose_process_was_killed_are_done_by_this_one():
    killed = partial(only_in_the_second, lambda: os.kill(os.getpid(), signal.SIGKILL), os.getpid())
    assert results_of([killed] * 20, is_much=True) == ["made"] * 20


def test_a_task_that_fails_fails_here_as_it_would_without_a_second_process():
    def fails() -> None:
        raise LookupError("no such contract")

    for tasks in ([fails], [fails] * 20, [*[partial(time.sleep, 0.01)] * 20, fails]):
        with pytest.raises(LookupError, match="no such contract"):
            results_of(tasks, is_much=True)


def test_much_may_come_of_it():
    for content in results_of([partial(bytes, 5_000_000)] * 8, is_much=True):
        assert content == bytes(5_000_000)


def test_where_the_stage_fails_meanwhile_no_process_is_left_behind():
    ours, before = os.getpid(), children()

    def task() -> None:
        if os.getpid() == ours:
            time.sleep(0.1)
            raise ValueError("it failed")
        time.sleep(60)

    with pytest.raises(ValueError, match="it failed"):
        results_of([task] * 2, is_much=True)
    assert children() == before


def test_a_second_process_ends_with_the_first_however_that_ends():
    reading, writing = os.pipe()
    first = os.fork()
    if not first:
        try:
            alone = os.getpid()

            def task() -> None:
                if os.getpid() != alone:
                    os.write(writing, str(os.getpid()).encode())
                time.sleep(60)

            results_of([task] * 2, is_much=True)
        finally:
            os._exit(0)
    second = int(os.read(reading, 20))
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    wait_for_the_end_of(second)
