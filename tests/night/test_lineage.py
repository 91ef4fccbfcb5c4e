"""Which data sets a stage read and made, by name: from the source to a recipient who was really told."""

from dataclasses import replace

import pytest

from night.lineage import data_sets
from night.night import attempt
from night.run import Run
from tests.pull.force import Force

TOLD = "pnd"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], list[str]]]:
    force = Force(tmp_path_factory.mktemp("lineage") / "force")
    force.report()
    run: Run = force.night("2022-03-02")
    found = {}
    for name in ("pull", "land", "normalise", "link", "reconcile", "validate", "export"):
        of_a_task = replace(run, tables_read=set())  # a task is a process of its own
        attempt(of_a_task, name)
        found[name] = data_sets(of_a_task, name)
    found["before deliver"] = data_sets(run, "deliver", TOLD)
    attempt(run, "assumed")
    found["deliver"] = data_sets(run, "deliver", TOLD)
    return found


def test_a_stage_names_the_tables_that_it_read_and_those_that_it_sealed(
    night: dict[str, tuple[list[str], list[str]]],
) -> None:
    read, made = night["link"]
    assert read == ["normalise/decision", "normalise/mention"]
    assert {"link/person", "link/person_id"} <= set(made)


def test_every_data_set_that_is_read_was_made_by_a_stage_before_it(
    night: dict[str, tuple[list[str], list[str]]],
) -> None:
    before: set[str] = set(night["pull"][0])
    assert before == {"source/decisions", "source/intelligence"}
    for read, made in night.values():
        assert set(read) <= before
        before |= set(made)


def test_a_recipient_is_named_once_files_came_to_it(night: dict[str, tuple[list[str], list[str]]]) -> None:
    assert night["before deliver"] == ([], [])
    assert night["deliver"] == ([f"files/{TOLD}"], [f"recipient/{TOLD}"])


def test_no_name_is_that_of_a_person_or_a_file(night: dict[str, tuple[list[str], list[str]]]) -> None:
    names = {name for read, made in night.values() for name in (*read, *made)}
    assert all(name.replace("_", "").replace("/", "").isalpha() and name.islower() for name in names)
