"""The stage itself: what one night seals, and that it seals the same again."""

from datetime import timedelta

from connectors.store.paths import Home
from expectations.contracts import contract
from night.normalise import normalise
from night.run import Run
from tests.normalise.landed import FIRST, report, subject
from transforms.normalise import LANDED, MADE

SEAL = "SEAL.json"


def landed(tmp_path, night, rows):
    run = Run(night, Home(tmp_path))
    writer = run.writer("land")
    for table in LANDED:
        writer.table(table, contract(table).table_of(rows.get(table, [])))
    writer.seal({}, replaceable=False)
    return run


def test_a_night_seals_every_table_and_repeats_to_the_same_bytes(tmp_path):
    run = landed(tmp_path, FIRST, {"landed_report": [report()], "landed_subject": [subject()]})
    counts = normalise(run)
    first = (run.folder.stage("normalise") / SEAL).read_bytes()
    assert normalise(run) == counts
    assert (run.folder.stage("normalise") / SEAL).read_bytes() == first
    assert {path.stem for path in run.folder.stage("normalise").glob("*.parquet")} == set(MADE)


def test_a_night_without_anything_new_carries_over_what_is_known(tmp_path):
    normalise(landed(tmp_path, FIRST, {"landed_report": [report()], "landed_subject": [subject()]}))
    quiet = landed(tmp_path, FIRST + timedelta(days=1), {})
    counts = normalise(quiet)
    assert (counts["mentions"], counts["mentions_changed"]) == (1, 0)
    assert len(quiet.rows("normalise", "report")) == 1


def test_counts_hold_no_value_of_a_person(tmp_path):
    counts = normalise(landed(tmp_path, FIRST, {"landed_report": [report()], "landed_subject": [subject()]}))
    assert all(isinstance(count, int) for count in counts.values())
