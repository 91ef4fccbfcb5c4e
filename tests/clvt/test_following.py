"""Is a process that ended always told of, whenever it did?"""

import multiprocessing
from datetime import date

import pytest

from clvt.following import Follower
from night.failures import NightFailed


@pytest.mark.parametrize(
    ("last_word", "says"), [("Night 2022-01-01: export failed.", "export failed"), (None, "from outside")]
)
def test_a_process_that_ended_before_its_next_night_is_a_failure_and_not_the_end(
    last_word: str | None, says: str
) -> None:
    ours, theirs = multiprocessing.Pipe()
    if last_word:
        theirs.send(last_word)
    theirs.close()
    with pytest.raises(NightFailed, match=says):
        Follower(("export",), ours).take(date(2022, 1, 2))
