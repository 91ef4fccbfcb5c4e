"""What a second process makes beside a stage is what the stage would have made, or the stage makes it itself."""

import os
import signal
import time
from pathlib import Path

import pytest

from night.beside import beside


def in_process() -> int:
    return os.getpid()


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
def test_much_work_is_done_by_another_process_and_little_by_this_one(is_much):
    with beside(in_process, is_much=is_much) as process:
        assert (process() != os.getpid()) is is_much


def test_what_comes_of_it_is_what_was_known_when_it_began():
    known = {"children": 3}
    with beside(lambda: dict(known), is_much=True) as found:
        known["children"] = 4
        assert found() == {"children": 3}


def test_work_whose_process_was_killed_is_done_by_this_one():
    ours = os.getpid()

    def work() -> str:
        if os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return "made"

    with beside(work, is_much=True) as made:
        assert made() == "made"


def test_work_that_fails_fails_here_as_it_would_without_a_second_process():
    def work() -> None:
        raise LookupError("no such contract")

    with beside(work, is_much=True) as made, pytest.raises(LookupError, match="no such contract"):
        made()


def test_it_ends_when_its_work_is_done_however_much_came_of_it_and_whenever_that_is_asked_for():
    before = children()
    with beside(lambda: os.getpid().to_bytes(4) + bytes(5_000_000), is_much=True) as content:
        (process,) = set(children().split()) - set(before.split())
        wait_for_the_end_of(int(process))
        assert content() == int(process).to_bytes(4) + bytes(5_000_000)


def test_where_the_stage_fails_meanwhile_no_process_is_left_behind():
    reading, writing = os.pipe()

    def work() -> None:
        os.write(writing, str(os.getpid()).encode())
        time.sleep(60)

    before = children()
    with pytest.raises(ValueError, match="invalid literal"), beside(work, is_much=True):
        int(os.read(reading, 20).decode() + " is its number")
    assert children() == before


def test_a_second_process_ends_with_the_first_however_that_ends():
    reading, writing = os.pipe()

    def work() -> None:
        os.write(writing, str(os.getpid()).encode())
        time.sleep(60)

    first = os.fork()
    if not first:
        try:
            with beside(work, is_much=True) as made:
                made()
        finally:
            os._exit(0)
    second = int(os.read(reading, 20))
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    wait_for_the_end_of(second)
