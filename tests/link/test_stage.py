"""Does the stage `link` keep an index that the next night can trust, and do without one?"""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.link_forces import force
from connectors.store import sealed, segments
from connectors.store.paths import Home
from night.link import link, version
from night.run import Run
from tests.link.rows import NO_DECISIONS, mentions
from transforms.link import link as link_everything

FIRST = date(2022, 3, 1)
ROWS = force("force", 120, seed=4)
KNOWN = (80, 100, 110, 111)


def run_of(folder: Path, number: int) -> Run:
    return Run(FIRST + timedelta(days=number), Home(folder), register_url="sqlite://")


def normalised(folder: Path, number: int, rows: list[dict[str, Any]]) -> Run:
    """A night that came as far as `link`."""
    run = run_of(folder, number)
    writer = run.writer("normalise")
    writer.table("mention", mentions(*rows))
    writer.table("decision", NO_DECISIONS)
    writer.seal({}, replaceable=True)
    return run


@pytest.fixture
def nights(tmp_path: Path) -> list[Run]:
    """Four nights, each with more mentions than the one before."""
    runs = []
    for number, known in enumerate(KNOWN):
        runs.append(normalised(tmp_path, number, ROWS[:known]))
        link(runs[-1])
    return runs


def has_an_index(run: Run) -> bool:
    return bool(segments.opened(run.home, run.folder, version()))


def made(run: Run) -> dict[str, str]:
    """Hashes of all that the stage left."""
    return sealed.hashes(run.folder.stage("link")) | sealed.hashes(run.folder.index)


def assert_right(run: Run) -> None:
    scratch = link_everything(run.read("normalise", "mention"), NO_DECISIONS, run.as_of)
    assert run.read("link", "person").equals(scratch.person.sort_by("mention_key"))


def test_every_night_leaves_an_index_and_the_people_of_starting_from_nothing(nights: list[Run]) -> None:
    for run in nights:
        assert has_an_index(run)
        assert_right(run)


def test_a_night_that_is_run_again_leaves_the_same_bytes(nights: list[Run]) -> None:
    before = made(nights[2])
    link(nights[2])
    assert made(nights[2]) == before
    assert has_an_index(nights[3])


def test_a_night_that_was_killed_leaves_the_same_bytes_when_it_is_run_again(nights: list[Run]) -> None:
    before = made(nights[3])
    shutil.rmtree(nights[3].folder.index)
    (nights[3].folder.index.with_name(".index.unfinished")).mkdir()
    link(nights[3])
    assert made(nights[3]) == before


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_index_of_which_a_part_is_lost_is_made_again(nights: list[Run], lost: int) -> None:
    shutil.rmtree(nights[lost].folder.index)
    link(nights[3])
    assert has_an_index(nights[3])
    assert_right(nights[3])


def test_a_segment_that_cannot_be_read_is_made_again(nights: list[Run]) -> None:
    (nights[2].folder.index / segments.SEGMENT).write_bytes(b"")
    link(nights[3])
    assert_right(nights[3])


def test_an_index_of_other_code_is_none(nights: list[Run]) -> None:
    assert not segments.opened(nights[3].home, nights[3].folder, "another version")


def test_an_index_of_a_night_that_came_out_otherwise_since_is_none(nights: list[Run]) -> None:
    run = normalised(nights[2].home.root, 2, ROWS[:90])
    index = {file.name: file.read_bytes() for file in run.folder.index.iterdir()}
    link(run)
    for name, content in index.items():
        (run.folder.index / name).write_bytes(content)
    assert not has_an_index(run)
    link(normalised(nights[3].home.root, 3, ROWS[: KNOWN[3]]))
    assert_right(nights[3])


def test_a_mention_of_last_night_that_was_normalised_again_is_compared_again(nights: list[Run]) -> None:
    changed = [{**row, "surname": "Featherstone"} if number == 7 else row for number, row in enumerate(ROWS[:111])]
    run = normalised(nights[3].home.root, 4, changed)
    link(run)
    assert_right(run)
