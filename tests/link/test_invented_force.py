"""Does a whole invented force come out without two children as one, on its first nights and on its last?"""

from collections import defaultdict
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from clvt.replay import endpoint, read_labels, sources
from connectors.store.paths import STAGES, Home
from demo.synth import make_force
from night.night import run_night
from night.run import Run

UNTIL_LINKED = STAGES[: STAGES.index("link") + 1]
LAST = date(2022, 11, 23)


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In this one live cousins with one name, born eleven days apart; one of the two dates is an estimate."""
    folder = tmp_path_factory.mktemp("invented") / "force"
    make_force(folder, seed=2, children=40)
    return folder


@pytest.mark.parametrize("night", [date(2021, 4, 20), date(2021, 7, 1), date(2022, 1, 1), LAST])
def test_no_two_children_are_one_person(force: Path, night: date, tmp_path: Path) -> None:
    run = Run(night, Home(tmp_path), partial(endpoint, sources(force)))
    run_night(run, UNTIL_LINKED)
    truth = read_labels(force / "labels.csv")
    persons = defaultdict(set)
    for row in run.read("link", "person").to_pylist():
        if row["mention_key"] in truth:
            persons[row["person_id"]].add(truth[row["mention_key"]])
    assert persons
    assert all(len(children) == 1 for children in persons.values())
