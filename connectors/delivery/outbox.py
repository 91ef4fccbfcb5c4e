"""Which file is on its way to whom, how far did it come, and what did the recipient say?

A file is one row, written when its final bytes are made; each change of its state is one more row, numbered, so that
two processes can never both make the same step. Nothing is changed or deleted. A recipient's acknowledgements are rows
too, matched by the hash of what it received.
"""

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.register import database as register
from connectors.register import proof
from connectors.register.tables import metadata

PREPARED, SENDING, DELIVERED, ACKNOWLEDGED = "prepared", "sending", "delivered", "acknowledged"
FAILED, REJECTED, SUPERSEDED, WITHDRAWN = "failed", "rejected", "superseded", "withdrawn"

TO_BE_SENT = (PREPARED, SENDING, FAILED)

FOLLOWS = {
    PREPARED: {SENDING, SUPERSEDED, WITHDRAWN},
    SENDING: {SENDING, DELIVERED, FAILED, WITHDRAWN},
    FAILED: {SENDING, SUPERSEDED, WITHDRAWN},
    DELIVERED: {ACKNOWLEDGED, REJECTED, SUPERSEDED, WITHDRAWN, PREPARED},
    ACKNOWLEDGED: {SUPERSEDED, WITHDRAWN, PREPARED},
    REJECTED: {SUPERSEDED, WITHDRAWN, PREPARED},
    SUPERSEDED: {WITHDRAWN},
    WITHDRAWN: set[str](),
}

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("delivery_id", sa.String(64), primary_key=True),
    sa.Column("run", sa.String(10), nullable=False),
    sa.Column("recipient", sa.String(80), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("remote_name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("supersedes", sa.String(200), nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Index("delivery_recipient", "recipient", "run", "sequence"),
    info=proof.proven("delivery_id"),
)

delivery_state = sa.Table(
    "delivery_state",
    metadata,
    sa.Column("delivery_id", sa.String(64), sa.ForeignKey("delivery.delivery_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    info=proof.proven("delivery_id", "number"),
)

delivery_receipt = sa.Table(
    "delivery_receipt",
    metadata,
    sa.Column("recipient", sa.String(80), primary_key=True),
    sa.Column("receipt_key", sa.String(64), primary_key=True),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("received_at", sa.String(40), nullable=False),
    info=proof.proven("recipient", "receipt_key"),
)

later_state = delivery_state.alias()

TABLES = [delivery, delivery_state, delivery_receipt]

ACCEPTED, UNREADABLE = "ACCEPTED", "UNREADABLE"
RECEIPT_PROBLEMS = {
    "REJECTED": "The recipient rejected the file: ask why, then resend or withdraw it.",
    "UNKNOWN_FILE": "The receipt names a file that was never sent to this recipient: ask the recipient about it.",
    "OTHER_CONTENT": "The receipt's hash is not that of the file sent under its name: ask the recipient what it holds.",
    "UNREADABLE": "The receipt is not of the agreed form (JSON: file, sha256, status): ask the recipient for another.",
}


class OutboxError(Exception):
    """A step that the outbox does not allow; the text is a sentence for people."""


class Overtaken(OutboxError):
    """Another process made the same step at the same time: this one must stop."""

    worth_another_try = True


@dataclass(frozen=True)
class Letter:
    """One file for one recipient, in its final form: `sha256` and `bytes` are of what the recipient gets."""

    delivery_id: str
    run: str
    recipient: str
    sequence: int
    file: str
    remote_name: str
    kind: str
    records: int
    supersedes: str
    content_sha256: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Standing:
    """A letter and the last step it made."""

    letter: Letter
    number: int
    state: str
    at: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What a recipient said about a file.

    `receipt_key` tells one receipt file from another; `outcome` is ACCEPTED or a key of RECEIPT_PROBLEMS.
    """

    recipient: str
    receipt_key: str
    file: str
    sha256: str
    outcome: str
    received_at: str


def delivery_id(run: str, recipient: str, file: str, content_sha256: str) -> str:
    """The identity of a delivery: the same content for the same recipient and night is the same delivery."""
    return hashlib.sha256("\x1f".join((run, recipient, file, content_sha256)).encode()).hexdigest()


class Outbox:
    """The outbox of a register."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        with register.writing(engine) as connection:
            metadata.create_all(connection, tables=TABLES)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction; Overtaken where another process made one of its steps first."""
        try:
            with register.writing(self._engine) as connection:
                yield connection
        except sa.exc.IntegrityError as error:
            raise Overtaken("Another process is delivering the same files: this one stops.") from error

    def enter(self, connection: sa.Connection, letters: Sequence[Letter], actor: str) -> None:
        """Enter letters, each in its first state."""
        for letter in letters:
            proof.add(connection, delivery, [asdict(letter)])
            _write_step(connection, Standing(letter, 1, PREPARED, now(), ""), actor)

    def move(
        self, connection: sa.Connection, standings: Sequence[Standing], state: str, actor: str, reason: str = ""
    ) -> list[Standing]:
        """Take letters one step on from where they stand; where they stand then."""
        moved = []
        for standing in standings:
            if state not in FOLLOWS[standing.state]:
                raise OutboxError(f"{standing.letter.remote_name} is {standing.state}: it cannot become {state}.")
            moved.append(Standing(standing.letter, standing.number + 1, state, now(), reason))
            _write_step(connection, moved[-1], actor)
        return moved

    def standings(self, recipient: str, states: Sequence[str] = tuple(FOLLOWS)) -> list[Standing]:
        """A recipient's letters that stand at one of these states, in the order in which they are to be sent."""
        return self._standings(delivery.c.recipient == recipient, delivery_state.c.state.in_(states))

    def find(self, run: str, recipient: str, file: str) -> Standing:
        """The letter that a person means by the name of a file, ours or the partner's."""
        named = sa.or_(delivery.c.file == file, delivery.c.remote_name == file)
        found = self._standings(delivery.c.run == run, delivery.c.recipient == recipient, named)
        if not found:
            raise OutboxError(f"No file {file} of the night {run} was made for {recipient}: see `clvt deliveries`.")
        return found[-1]

    def of_night(self, run: str, recipient: str) -> list[Standing]:
        """The letters of one night for one recipient."""
        return self._standings(delivery.c.run == run, delivery.c.recipient == recipient)

    def superseded_by(self, letter: Letter) -> list[Standing]:
        """Earlier letters, held by the same recipient, that this one says it takes the place of."""
        if not letter.supersedes:
            return []
        named = sa.or_(*(column == letter.supersedes for column in (delivery.c.file, delivery.c.remote_name)))
        held = delivery_state.c.state.in_((DELIVERED, ACKNOWLEDGED, REJECTED))
        return self._standings(delivery.c.recipient == letter.recipient, delivery.c.run < letter.run, named, held)

    def recipients(self) -> list[str]:
        """Everyone to whom something is still to be sent, or who has still to acknowledge something."""
        waiting = self._standings(delivery_state.c.state.in_((*TO_BE_SENT, DELIVERED)))
        return sorted({standing.letter.recipient for standing in waiting})

    def was(self, standing: Standing, state: str) -> bool:
        """True where a letter ever reached a state."""
        query = sa.select(sa.func.count()).where(
            delivery_state.c.delivery_id == standing.letter.delivery_id, delivery_state.c.state == state
        )
        with self._engine.connect() as connection:
            return bool(connection.execute(query).scalar())

    def receipts(self, recipient: str | None = None) -> list[Receipt]:
        """Receipts that came, in the order of their arrival."""
        query = sa.select(delivery_receipt).order_by(
            delivery_receipt.c.received_at, delivery_receipt.c.recipient, delivery_receipt.c.receipt_key
        )
        if recipient is not None:
            query = query.where(delivery_receipt.c.recipient == recipient)
        with self._engine.connect() as connection:
            return [Receipt(**row) for row in connection.execute(query).mappings()]

    def take_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Keep receipts, each with what it turned out to be: matched by the hash of what the recipient got."""
        judged = [{**asdict(receipt), "outcome": self._judge(receipt)} for receipt in receipts]
        with self.writing() as connection:
            proof.add(connection, delivery_receipt, judged)

    def _judge(self, receipt: Receipt) -> str:
        if receipt.outcome == UNREADABLE:
            return UNREADABLE
        sent = delivery_state.c.state != PREPARED
        if self._standings(delivery.c.recipient == receipt.recipient, delivery.c.sha256 == receipt.sha256, sent):
            return receipt.outcome
        if self._standings(delivery.c.recipient == receipt.recipient, delivery.c.remote_name == receipt.file, sent):
            return "OTHER_CONTENT"
        return "UNKNOWN_FILE"

    def answers(self, recipient: str) -> dict[str, str]:
        """What a recipient said about the files that were sent, by their SHA-256.

        Where a file was to be sent once more, what it said before that does not count.
        """
        query = sa.select(delivery.c.sha256, delivery.c.delivery_id).where(delivery.c.recipient == recipient)
        asked = self._times(PREPARED)
        with self._engine.connect() as connection:
            since = {sha256: asked[identity] for sha256, identity in connection.execute(query)}
        return {
            receipt.sha256: receipt.outcome
            for receipt in self.receipts(recipient)
            if receipt.outcome in (ACCEPTED, "REJECTED") and since[receipt.sha256] <= receipt.received_at
        }

    def settle(self, recipient: str, actor: str) -> int:
        """Move every delivered letter on that a receipt is about; how many were acknowledged."""
        said = self.answers(recipient)
        answered = [s for s in self.standings(recipient, [DELIVERED]) if s.letter.sha256 in said]
        accepted = [s for s in answered if said[s.letter.sha256] == ACCEPTED]
        if answered:
            with self.writing() as connection:
                self.move(connection, accepted, ACKNOWLEDGED, actor)
                self.move(connection, [s for s in answered if s not in accepted], REJECTED, actor)
        return len(accepted)

    def listing(self) -> list[dict[str, Any]]:
        """Every delivery: run, recipient, file, sha256, bytes, records, state, sent_at, receipt, supersedes."""
        said = {(r.recipient, r.sha256): f"{r.outcome} {r.received_at}" for r in self.receipts()}
        sent = self._times(DELIVERED)
        return [
            {
                "run": s.letter.run,
                "recipient": s.letter.recipient,
                "file": s.letter.remote_name,
                "sha256": s.letter.sha256,
                "bytes": s.letter.bytes,
                "records": s.letter.records,
                "state": s.state,
                "sent_at": sent.get(s.letter.delivery_id),
                "receipt": said.get((s.letter.recipient, s.letter.sha256)),
                "supersedes": s.letter.supersedes or None,
            }
            for s in self._standings()
        ]

    def done_with(self, recipient: str, days: int, at: datetime, *, acknowledges: bool) -> list[Standing]:
        """Letters that made their last step more than `days` days ago, and are not to be sent any more.

        A recipient who `acknowledges` has to have said something about them.
        """
        limit = (at - timedelta(days=days)).isoformat(timespec="milliseconds")
        done = (ACKNOWLEDGED, REJECTED, SUPERSEDED, WITHDRAWN, *(() if acknowledges else (DELIVERED,)))
        return [standing for standing in self.standings(recipient, done) if standing.at < limit]

    def overdue(self, recipient: str, days: int, at: datetime) -> list[Standing]:
        """Letters delivered more than `days` days ago that nobody acknowledged."""
        limit = (at - timedelta(days=days)).isoformat(timespec="milliseconds")
        return [standing for standing in self.standings(recipient, [DELIVERED]) if standing.at < limit]

    def _times(self, state: str) -> dict[str, str]:
        query = (
            sa.select(delivery_state.c.delivery_id, sa.func.max(delivery_state.c.at))
            .where(delivery_state.c.state == state)
            .group_by(delivery_state.c.delivery_id)
        )
        with self._engine.connect() as connection:
            return {identity: at for identity, at in connection.execute(query)}

    def _standings(self, *conditions: sa.ColumnElement[bool]) -> list[Standing]:
        is_last = ~sa.exists().where(
            later_state.c.delivery_id == delivery_state.c.delivery_id, later_state.c.number > delivery_state.c.number
        )
        state = delivery_state.c
        query = (
            sa.select(delivery, state.number, state.state, state.at, state.reason)
            .join(delivery_state, state.delivery_id == delivery.c.delivery_id)
            .where(is_last, *conditions)
            .order_by(delivery.c.recipient, delivery.c.run, delivery.c.sequence)
        )
        with self._engine.connect() as connection:
            return [_standing(dict(row)) for row in connection.execute(query).mappings()]


def deliveries(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every delivery: run, recipient, file, sha256, bytes, records, state, sent_at, receipt, supersedes.

    `file`, `sha256` and `bytes` are those of what the recipient got; `sent_at` is when that was proved.
    """
    return Outbox(engine).listing()


def receipt_problems(engine: sa.Engine) -> list[dict[str, Any]]:
    """Receipts that acknowledge nothing: recipient, file (as the receipt calls it), outcome, why, received_at."""
    return [
        {
            "recipient": receipt.recipient,
            "file": receipt.file,
            "outcome": receipt.outcome,
            "why": RECEIPT_PROBLEMS[receipt.outcome],
            "received_at": receipt.received_at,
        }
        for receipt in Outbox(engine).receipts()
        if receipt.outcome in RECEIPT_PROBLEMS and receipt.outcome != "REJECTED"  # that is the file's own state
    ]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a recipient's outbox folder for this process; Overtaken where another one holds it.

    The kernel lets go of it when the process ends, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Overtaken("another process is delivering to this recipient: this one stops.") from None
        for left in folder.glob("*.part"):
            left.unlink()
        yield


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this place of the outbox."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write_step(connection: sa.Connection, standing: Standing, actor: str) -> None:
    row = {
        "delivery_id": standing.letter.delivery_id,
        "number": standing.number,
        "state": standing.state,
        "at": standing.at,
        "actor": actor,
        "reason": standing.reason,
    }
    proof.add(connection, delivery_state, [row])


def _standing(row: dict[str, Any]) -> Standing:
    letter = Letter(**{column.name: row[column.name] for column in delivery.columns})
    return Standing(letter, row["number"], row["state"], row["at"], row["reason"])


def now() -> str:
    """This moment, as the register writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
