"""Rows of the register that nobody may change: decisions, deliveries, receipts, requests, and the log's own end."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.delivery import full_requests
from connectors.delivery.outbox import DELIVERED, SENDING, Outbox, OutgoingFile, Receipt
from connectors.register import anchors, answers, proof
from connectors.register.database import ChainBroken, LogEntry, log, open_register, verify_chain, writing
from tests.register.tampering import change

CUTOFF = datetime(2022, 6, 1, tzinfo=UTC)
MADE = datetime(2022, 5, 3, 10, tzinfo=UTC)
FORGED = "A-FORGED000001"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "safe" / "register.key"


@pytest.fixture
def kept(url: str, key_file: Path) -> sa.Engine:
    """A register with a decision, one that was taken back, a file delivered and acknowledged, and a request."""
    engine = open_register(url, key_file)
    rows = [
        {"review_id": f"Q-{n}", "action": "RATIFY", "mention_key": f"intel:47/2022/00091{n}#1", "value": "OPEN",
         "origin": "screen", "person_id": f"P-00000000A{n}"}
        for n in range(2)
    ]  # fmt: skip
    _, second = answers.record(engine, rows, "A sergeant", MADE)
    answers.undo(engine, second.decision_id, "A sergeant", MADE)
    box = Outbox(engine)
    outgoing = OutgoingFile("d" * 64, "2022-05-04", "mash", 1, "a", "a.gpg", "drop", 1, "", "c", "s", 9)
    with box.writing() as connection:
        box.enter(connection, [outgoing], "nightly")
    for state in (SENDING, DELIVERED):
        with box.writing() as connection:
            box.move(connection, box.last_steps("mash"), state, "nightly")
    box.take_receipts([Receipt("mash", "r" * 64, "a.gpg", "s", "ACCEPTED", "2999-05-04T01:00:00")])
    box.settle("mash", "nightly")
    full_requests.request(engine, "mash", date(2022, 5, 4), "a DELTA is missing")
    return engine


def test_what_the_program_wrote_is_proved(kept: sa.Engine) -> None:
    assert verify_chain(kept) == 3


FORGERIES: dict[str, tuple[str, ...]] = {
    "a decision": (
        f"INSERT INTO decision_made SELECT 77, '{FORGED}', review_id, person_id, decided_at, 'An inspector', "
        "meeting_ref, 'REMOVE', mention_key, other_mention_key, 'x', reason_code, reason, origin "
        "FROM decision_made WHERE review_id = 'Q-0'",
    ),
    "what was decided": ("UPDATE decision_made SET action = 'DECLINE' WHERE review_id = 'Q-0'",),
    "of whom it was decided": ("UPDATE decision_made SET mention_key = 'intel:1#1' WHERE review_id = 'Q-0'",),
    "who decided": ("UPDATE decision_made SET decided_by = 'Another' WHERE review_id = 'Q-0'",),
    "when": ("UPDATE decision_made SET decided_at = '2022-01-01T00:00:00.000000+00:00' WHERE review_id = 'Q-0'",),
    "that it was taken back": (
        "INSERT INTO decision_withdrawn SELECT decision_id, '2022-05-03T10:00:00+00:00', 'x' "
        "FROM decision_made WHERE review_id = 'Q-0'",
    ),
    "who took it back": ("UPDATE decision_withdrawn SET withdrawn_by = 'Another'",),
}
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "a decision is gone": ("DELETE FROM decision_made WHERE review_id = 'Q-0'",),
    "a withdrawal is gone": ("DELETE FROM decision_withdrawn",),
    "a delivery's recipient": ("UPDATE delivery SET recipient = 'btp'",),
    "a delivery's content": ("UPDATE delivery SET content_sha256 = 'other'",),
    "a delivery's number of records": ("UPDATE delivery SET records = 0",),
    "a step is gone": ("DELETE FROM delivery_state WHERE number = 4",),
    "a step": ("UPDATE delivery_state SET state = 'withdrawn' WHERE number = 4",),
    "the time of a step": ("UPDATE delivery_state SET at = '2022-05-01' WHERE number = 3",),
    "a step more": ("INSERT INTO delivery_state SELECT delivery_id, 5, 'withdrawn', at, actor, reason "
                    "FROM delivery_state WHERE number = 4",),
    "a receipt": ("UPDATE delivery_receipt SET outcome = 'REJECTED'",),
    "a receipt is gone": ("DELETE FROM delivery_receipt",),
    "a request": ("UPDATE full_request SET reason = 'none'",),
    "a request is gone": ("DELETE FROM full_request",),
    "a log entry's actor": ("UPDATE processing_log SET actor = 'nobody' WHERE seq = 2",),
    "the log's end is gone": ("DELETE FROM processing_log WHERE seq = 3",),
    "the log is gone": ("DELETE FROM processing_log",),
    "a proof is gone": ("DELETE FROM row_proof WHERE seq = 2",),
    "a proof's digest": ("UPDATE row_proof SET digest = 'f' WHERE seq = 2",),
    "a proof's hash": ("UPDATE row_proof SET hash = 'f' WHERE seq = 2",),
    "a proof's key": ("UPDATE row_proof SET row_key = 'f' WHERE seq = 2",),
    "a row and its proof are gone": (
        "DELETE FROM delivery_receipt", "DELETE FROM row_proof WHERE table_name = 'delivery_receipt'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("statements", (FORGERIES | ELSEWHERE).values(), ids=(FORGERIES | ELSEWHERE).keys())
def test_a_forgery_is_found(kept: sa.Engine, statements: tuple[str, ...]) -> None:
    change(kept, *statements)
    with pytest.raises(ChainBroken):
        verify_chain(kept)


@pytest.mark.parametrize("statements", FORGERIES.values(), ids=FORGERIES.keys())
def test_no_night_takes_up_a_forged_decision(kept: sa.Engine, statements: tuple[str, ...]) -> None:
    assert [row["action"] for row in answers.decisions_before(kept, CUTOFF)] == ["RATIFY"]
    change(kept, *statements)
    with pytest.raises(proof.ProofError, match="was not written by this program, or was changed since"):
        answers.decisions_before(kept, CUTOFF)


def test_whoever_lacks_the_key_can_prove_nothing(kept: sa.Engine, url: str) -> None:
    stranger = open_register(url)
    answers.record(
        stranger, [{"action": "REMOVE", "mention_key": "intel:47/2022/000919#1", "origin": "screen"}], "x", MADE
    )
    with pytest.raises(proof.ProofError):
        answers.decisions_before(kept, CUTOFF)


def test_the_end_that_was_cut_off_with_its_proofs_is_found_by_an_anchor_alone(kept: sa.Engine, tmp_path: Path) -> None:
    anchors.keep([tmp_path / "anchors"], date(2022, 5, 4), kept)
    last = "(SELECT max(seq) FROM row_proof)"
    change(kept, "DELETE FROM full_request", f"DELETE FROM row_proof WHERE seq = {last}")
    assert verify_chain(kept) == 3
    with pytest.raises(ChainBroken, match="their end is lost"):
        verify_chain(kept, anchors.kept(tmp_path / "anchors"))


def test_the_key_is_made_once_and_read_by_its_owner_alone(url: str, key_file: Path) -> None:
    open_register(url, key_file)
    first = key_file.read_text()
    open_register(url, key_file)
    assert key_file.read_text() == first
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_register_whose_key_is_lost_is_not_given_another(kept: sa.Engine, url: str, key_file: Path) -> None:
    key_file.unlink()
    with pytest.raises(proof.KeyMissing, match="put it back from the force's safe"):
        open_register(url, key_file)


def test_a_register_from_before_there_were_proofs_goes_on(url: str, key_file: Path) -> None:
    old = open_register(url)
    answers.record(old, [{"action": "RATIFY", "mention_key": "intel:1#1", "origin": "screen"}], "A sergeant", MADE)
    change(old, "DROP TABLE row_proof")
    change(old, "DROP TABLE alembic_version")
    register = open_register(url, key_file)
    assert [row["action"] for row in answers.decisions_before(register, CUTOFF)] == ["RATIFY"]
    with writing(register) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline")])
    assert verify_chain(register) == 2


OTHERS = ("delivery_state", "delivery", "delivery_receipt", "full_request", "decision_withdrawn")


@pytest.mark.parametrize("emptied", [OTHERS, (*OTHERS, "decision_made")], ids=["a decision", "the log alone"])
def test_whoever_takes_all_proofs_away_makes_no_forgery_true(
    kept: sa.Engine, url: str, key_file: Path, emptied: tuple[str, ...]
) -> None:
    change(kept, *FORGERIES["a decision"], *(f"DELETE FROM {name}" for name in emptied))
    change(kept, "DROP TABLE row_proof", "DROP TABLE alembic_version")
    with pytest.raises(proof.ProofError, match="has lost all its proofs"):
        open_register(url, key_file)


def test_an_anchor_from_before_there_were_proofs_still_holds(kept: sa.Engine, tmp_path: Path) -> None:
    anchors.keep([tmp_path], date(2022, 5, 4), kept)
    path = tmp_path / "2022-05-04.json"
    path.write_text(json.dumps({name: json.loads(path.read_text())[name] for name in ("seq", "hash")}) + "\n")
    assert verify_chain(kept, anchors.kept(tmp_path)) == 3
