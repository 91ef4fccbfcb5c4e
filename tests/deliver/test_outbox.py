"""The outbox: steps in order, each made by one process alone, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.delivery import outbox
from connectors.delivery.outbox import FOLLOWS, Outbox, OutboxError, OutgoingFile, Overtaken, Receipt
from connectors.register.database import open_register
from connectors.register.tables import metadata
from tests.postgres import cluster


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        made = open_register(tmp_path / "register.sqlite")
    else:
        url = request.getfixturevalue("postgres")
        with sa.create_engine(url).begin() as connection:
            metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
        made = open_register(url)
    yield made
    made.dispose()


def outgoing_file(number: int = 1, run: str = "2022-11-22", recipient: str = "mash", **changes: object) -> OutgoingFile:
    file = f"drop_{number}.csv"
    made = OutgoingFile(
        delivery_id=outbox.delivery_id(run, recipient, file, "c" * 64),
        run=run,
        recipient=recipient,
        sequence=number,
        file=file,
        remote_name=f"{file}.gpg",
        kind="DROP",
        records=1,
        supersedes="",
        content_sha256="c" * 64,
        sha256=f"{number:064x}",
        bytes=10,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def entered(engine: sa.Engine, *files: OutgoingFile) -> Outbox:
    box = Outbox(engine)
    with box.writing() as connection:
        box.enter(connection, files, "test")
    return box


def walk(box: Outbox, *states: str) -> None:
    for state in states:
        with box.writing() as connection:
            box.move(connection, box.last_steps("mash"), state, "test")


def test_letters_come_in_the_order_of_nights_and_then_of_the_night(engine: sa.Engine) -> None:
    box = entered(engine, outgoing_file(2), outgoing_file(1), outgoing_file(9, run="2022-11-21"))
    assert [step.outgoing.sequence for step in box.last_steps("mash")] == [9, 1, 2]


def test_a_delivery_that_was_acknowledged_is_listed_as_people_read_it(engine: sa.Engine) -> None:
    box = entered(engine, outgoing_file())
    walk(box, "sending", "delivered")
    box.take_receipts([Receipt("mash", "k", "drop_1.csv.gpg", f"{1:064x}", "ACCEPTED", outbox.now())])
    assert box.settle("mash", "test") == 1
    (row,) = outbox.deliveries(engine)
    assert list(row) == [
        "run",
        "recipient",
        "file",
        "sha256",
        "bytes",
        "records",
        "state",
        "sent_at",
        "receipt",
        "supersedes",
        "reason",
    ]
    assert (row["state"], row["file"], row["supersedes"]) == ("acknowledged", "drop_1.csv.gpg", None)
    assert box.recipients() == []


@pytest.mark.parametrize(
    ("steps", "waits"),
    [
        ((), True),
        (("sending",), True),
        (("sending", "failed"), True),
        (("sending", "delivered"), True),
        (("sending", "delivered", "rejected"), True),
        (("sending", "delivered", "acknowledged"), False),
        (("sending", "delivered", "acknowledged", "prepared"), True),
        (("sending", "delivered", "acknowledged", "prepared", "sending", "delivered", "acknowledged"), False),
        (("superseded",), False),
        (("sending", "lost"), False),
        (("withdrawn",), False),
    ],
)
def test_of_long_ago_only_files_that_wait_for_something_are_listed(
    engine: sa.Engine, steps: tuple[str, ...], waits: bool
) -> None:
    box = entered(engine, outgoing_file(run="2012-11-22"))
    walk(box, *steps)
    assert len(outbox.deliveries(engine, date(2022, 11, 1))) == waits
    assert len(outbox.deliveries(engine, date(2012, 11, 22))) == 1


def test_of_files_that_were_taken_as_delivered_long_ago_those_that_came_back_are_listed(engine: sa.Engine) -> None:
    box = Outbox(engine)
    with box.writing() as connection:
        box.assume(connection, [outgoing_file(run="2012-11-22")], "replay", "2012-11-22T00:00:00.000+00:00")
    assert outbox.deliveries(engine, date(2022, 11, 1)) == []
    assert box.recipients() == ["mash"]
    walk(box, "rejected")
    assert [row["state"] for row in outbox.deliveries(engine, date(2022, 11, 1))] == ["rejected"]


def test_a_step_can_be_made_once(engine: sa.Engine) -> None:
    box = entered(engine, outgoing_file())
    seen = box.last_steps("mash")
    walk(box, "sending")
    with pytest.raises(Overtaken), box.writing() as connection:
        box.move(connection, seen, "sending", "another process")
    assert box.last_steps("mash")[0].number == 2


def test_the_same_letter_is_entered_once(engine: sa.Engine) -> None:
    entered(engine, outgoing_file())
    with pytest.raises(Overtaken):
        entered(engine, outgoing_file())


def test_processes_that_start_together_share_one_outbox(engine: sa.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        boxes = list(pool.map(lambda _: Outbox(engine), range(8)))
    assert boxes[0].recipients() == []


def test_what_was_said_before_a_file_is_sent_once_more_does_not_count(engine: sa.Engine) -> None:
    box = entered(engine, outgoing_file())
    walk(box, "sending", "delivered")
    said = Receipt("mash", "k", "drop_1.csv.gpg", f"{1:064x}", "ACCEPTED", "2022-11-22T00:00:00.000+00:00")
    box.take_receipts([said])
    assert box.answers("mash", [outgoing_file()]) == {}
    box.take_receipts([replace(said, receipt_key="l", received_at=outbox.now())])
    assert box.answers("mash", [outgoing_file()]) == {f"{1:064x}": "ACCEPTED"}
    assert box.answers("mash", [outgoing_file(2)]) == {}


def test_an_unknown_file_is_a_sentence(engine: sa.Engine) -> None:
    with pytest.raises(OutboxError, match="No file nothing of the night 2022-11-22 was made for mash"):
        Outbox(engine).find("2022-11-22", "mash", "nothing")


@settings(max_examples=50)
@given(st.lists(st.sampled_from(sorted(FOLLOWS)), max_size=8))
def test_no_order_of_steps_sends_a_withdrawn_file(steps: list[str]) -> None:
    engine = open_register("sqlite://")
    box = entered(engine, outgoing_file())
    walked = ["prepared"]
    for state in steps:
        try:
            walk(box, state)
            walked.append(state)
        except OutboxError:
            continue
    assert all(after in FOLLOWS[before] for before, after in pairwise(walked))
    if "withdrawn" in walked:
        assert walked[-1] == "withdrawn"
        assert box.last_steps("mash", outbox.TO_BE_SENT) == []
    engine.dispose()
