"""The tests notice changes of the rules; `make mutants` tries every one, this a fixed sample."""

import subprocess
import sys

import pytest

from tests.mutants.changes import PROJECT, LeaveOut, OtherWord, changed
from tests.mutants.rules import NOTICED, RULES, survivors

SAMPLE = 60


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("A = (1, 2, 3)", ["A = ( 2, 3)", "A = (1, 3)", "A = (1, 2,)"]),
        ('A = {"a": f, "b": g}', ['A = { "b": g}', 'A = {"a": f,}']),
        ('A = Choice("a", asks="b")', ['A = Choice( asks="b")', 'A = Choice("a",)']),
        ("A = f(a, b)", []),
        ("A = [x for x in y]", []),
        ("A = (1,)", []),
    ],
)
def test_an_item_of_a_table_or_a_part_of_an_entry_is_left_out(code: str, becomes: list[str]) -> None:
    assert list(changed(code, LeaveOut())) == becomes


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ('A = f("RATIFY")', ['A = f("RATIFYX")']),
        ('A = row["action"]', []),
        ('A = f("A sentence for people.")', []),
        ('A = f("")', []),
    ],
)
def test_a_code_becomes_another_word(code: str, becomes: list[str]) -> None:
    assert list(changed(code, OtherWord())) == becomes


def test_every_change_that_is_listed_as_none_is_of_a_module_with_rules_and_has_its_reason() -> None:
    assert all(name.split(":")[0] in RULES and len(why) > 20 for name, why in survivors().items())


@pytest.mark.slow
def test_of_a_fixed_sample_of_changes_almost_every_one_is_noticed() -> None:
    """In a process of its own: it forks, and forgets what this one has imported."""
    code = "from tests.mutants.run import of_a_sample; print(of_a_sample(int(__import__('sys').argv[1])))"
    command = [sys.executable, "-c", code, str(SAMPLE)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    *missed, noticed = done.stdout.strip().splitlines()
    assert float(noticed) >= NOTICED, missed
