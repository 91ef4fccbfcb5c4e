"""Is a process that ended always told of, whenever it did, and is nothing lost that it left to the first one?"""

import multiprocessing
from datetime import date
from pathlib import Path

import pytest

from clvt.following import Follower
from connectors.store.paths import Home
from night.failures import NightFailed
from night.run import Run

NIGHT = date(2022, 1, 2)


@pytest.mark.parametrize(
    ("last_word", "says"), [("Night 2022-01-01: export failed.", "export failed"), (None, "from outside")]
)
def test_a_process_that_ended_before_its_next_night_is_a_failure_and_not_the_end(
    last_word: str | None, says: str, tmp_path: Path
) -> None:
    ours, theirs = multiprocessing.Pipe()
    if last_word:
        theirs.send(last_word)
    theirs.close()
    with pytest.raises(NightFailed, match=says):
        Follower(Run(NIGHT, Home(tmp_path)), ("export",), ours).take(NIGHT)


def test_what_the_second_process_left_of_a_night_the_first_one_makes(tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    run = Run(NIGHT, Home(tmp_path))
    follower = Follower(run, ("report",), ours)
    theirs.send([])
    assert [one.stage for one in follower.take(NIGHT) + follower.finish()] == ["report"]
    assert run.folder.is_sealed("report")
