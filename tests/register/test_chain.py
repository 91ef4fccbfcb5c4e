"""The processing log: one chain, whoever writes, and nothing of it changes unseen."""

import multiprocessing
from datetime import date
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.register import anchors
from connectors.register.database import (
    ChainBroken,
    Head,
    LogEntry,
    head,
    log,
    log_once,
    open_register,
    processing_log,
    verify_chain,
    writing,
)
from tests.register.tampering import change


def entries(count: int, person: str = "P-00000000AA") -> list[LogEntry]:
    return [
        LogEntry("COLLECTION", "pipeline", f"intel:31/2022/{n:06d}", person, run="2022-11-22") for n in range(count)
    ]


def written(register: sa.Engine, count: int) -> None:
    with writing(register) as connection:
        log(connection, entries(count))


def test_an_empty_log_is_whole(register: sa.Engine) -> None:
    assert verify_chain(register) == 0


def test_entries_form_one_chain_over_many_writes(register: sa.Engine) -> None:
    for count in (1, 3, 0, 2):
        written(register, count)
    assert verify_chain(register) == 6


def test_a_write_that_fails_leaves_nothing(register: sa.Engine) -> None:
    written(register, 2)
    with pytest.raises(ValueError, match="LOOKING is no operation"), writing(register) as connection:
        log(connection, [*entries(1), LogEntry("LOOKING", "pipeline")])
    with pytest.raises(ZeroDivisionError), writing(register) as connection:
        log(connection, entries(1 + 1 // log(connection, [])))
    assert verify_chain(register) == 2


def test_a_stage_that_is_repeated_leaves_no_second_trace(register: sa.Engine) -> None:
    assert log_once(register, "2022-11-22", {"land": entries(3)}) == 3
    assert log_once(register, "2022-11-22", {"land": entries(3)}) == 0
    assert log_once(register, "2022-11-23", {"land": entries(3)}) == 3
    assert log_once(register, "2022-11-23", {"land": entries(3), "link": entries(2), "reconcile": []}) == 2
    assert verify_chain(register) == 8


def test_the_register_can_be_opened_again(url: str, register: sa.Engine) -> None:
    written(register, 2)
    assert verify_chain(open_register(url)) == 2


TAMPERED: list[tuple[str, int, tuple[str, ...]]] = [
    ("an entry was changed", 3, ("UPDATE processing_log SET actor = 'nobody' WHERE seq = 3",)),
    ("a time was changed", 2, ("UPDATE processing_log SET at = '2022-01-01T00:00:00+00:00' WHERE seq = 2",)),
    ("an entry was taken out", 3, ("DELETE FROM processing_log WHERE seq = 3",)),
    ("the first was taken out", 1, ("DELETE FROM processing_log WHERE seq = 1",)),
    (
        "an entry was taken out and the others moved up",
        3,
        ("DELETE FROM processing_log WHERE seq = 3", "UPDATE processing_log SET seq = seq - 1 WHERE seq > 3"),
    ),
    (
        "two entries changed places",
        2,
        (
            "UPDATE processing_log SET seq = 99 WHERE seq = 2",
            "UPDATE processing_log SET seq = 2 WHERE seq = 4",
            "UPDATE processing_log SET seq = 4 WHERE seq = 99",
        ),
    ),
    (
        "an entry was copied to the end",
        7,
        (
            "INSERT INTO processing_log SELECT 7, at, operation, actor, record_ref, person_id, recipient, file_sha256,"
            " run, detail, previous_hash, 'f' FROM processing_log WHERE seq = 6",
        ),
    ),
]


@pytest.mark.parametrize(("what", "at", "statements"), TAMPERED, ids=[what for what, _, _ in TAMPERED])
def test_the_first_wrong_entry_is_named_where(
    register: sa.Engine, what: str, at: int, statements: tuple[str, ...]
) -> None:
    written(register, 6)
    for statement in statements:
        change(register, statement)
    with pytest.raises(ChainBroken, match=f"broken at entry {at}:"):
        verify_chain(register)


def test_a_lost_end_is_found_by_an_anchor_and_only_by_one(register: sa.Engine, tmp_path: Path) -> None:
    written(register, 6)
    anchors.keep([tmp_path], date(2022, 11, 22), register)
    change(register, "DELETE FROM processing_log WHERE seq > 4")
    with pytest.raises(ChainBroken, match="has lost the row 6 of processing_log"):
        verify_chain(register)
    change(register, "DELETE FROM row_proof")
    assert verify_chain(register) == 4
    with pytest.raises(ChainBroken, match="ends at entry 4, but entry 6 was anchored"):
        verify_chain(register, anchors.kept(tmp_path))


def test_a_log_that_was_written_anew_is_found_by_an_anchor(register: sa.Engine, tmp_path: Path) -> None:
    written(register, 6)
    anchors.keep([tmp_path], date(2022, 11, 22), register)
    change(register, "DELETE FROM processing_log")
    change(register, "DELETE FROM row_proof")
    with writing(register) as connection:
        log(connection, entries(8, person="P-00000000BB"))
    assert verify_chain(register) == 8
    with pytest.raises(ChainBroken, match="entry 6 is not the one that was anchored"):
        verify_chain(register, anchors.kept(tmp_path))


def test_anchors_hold_while_the_log_grows_and_what_was_kept_stays(register: sa.Engine, tmp_path: Path) -> None:
    for night in (20, 21, 22):
        anchors.keep([tmp_path], date(2022, 11, night), register)
        written(register, 3)
    anchors.keep([tmp_path], date(2022, 11, 22), register)
    anchors.keep([tmp_path], date(2022, 11, 22), register)
    assert [anchor.seq for anchor in anchors.kept(tmp_path)] == [0, 3, 6, 9]
    assert verify_chain(register, anchors.kept(tmp_path)) == 9


def test_an_anchor_that_a_kill_cut_short_is_passed_over(register: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "2022-11-22.json").write_text('{"seq": 4, "ha')
    written(register, 3)
    anchors.keep([tmp_path], date(2022, 11, 22), register)
    assert [anchor.seq for anchor in anchors.kept(tmp_path)] == [3]


def test_an_anchor_never_follows_a_link(register: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "2022-11-22.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="Too many levels"):
        anchors.keep([tmp_path], date(2022, 11, 22), register)
    assert (tmp_path / "elsewhere").read_text() == "kept"


def test_there_are_no_anchors_before_the_first_night(tmp_path: Path) -> None:
    assert anchors.kept(tmp_path / "anchors") == []


def test_the_head_is_the_last_entry(register: sa.Engine) -> None:
    with register.connect() as connection:
        assert head(connection) == Head(0, "0" * 64)
    written(register, 3)
    with register.connect() as connection:
        last = connection.execute(sa.select(processing_log.c.hash).where(processing_log.c.seq == 3)).scalar_one()
        assert (head(connection).seq, head(connection).hash) == (3, last)


def _open_and_write(url: str, together: Barrier, person: str) -> None:
    together.wait(timeout=60)
    register = open_register(url)
    for _ in range(20):
        with writing(register) as connection:
            log(connection, entries(5, person))


def test_writers_that_start_together_make_the_tables_once_and_never_fork_the_chain(url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(3)
    writers = [spawn.Process(target=_open_and_write, args=(url, together, f"P-000000000{n}")) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=90)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    register = open_register(url)
    assert verify_chain(register) == 300
    with register.connect() as connection:
        people = (
            connection.execute(sa.select(processing_log.c.person_id).order_by(processing_log.c.seq)).scalars().all()
        )
    register.dispose()
    assert all(len(set(people[n : n + 5])) == 1 for n in range(0, 300, 5)), "a writer's entries stay together"


def test_what_is_logged_is_on_disk_when_the_transaction_ends(register: sa.Engine) -> None:
    durable = "PRAGMA synchronous" if register.dialect.name == "sqlite" else "SHOW synchronous_commit"
    with register.connect() as connection:
        assert connection.exec_driver_sql(durable).scalar() in (2, "on")
