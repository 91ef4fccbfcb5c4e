"""Which file is on its way to whom, how far did it come, and what did the recipient say?

A file is one row, written when its final bytes are made; each change of its state is one more row, numbered, so that
two processes can never both make the same step. Nothing is changed or deleted. A recipient's acknowledgements are rows
too, matched by the hash of what it received.
"""

import fcntl
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.register import database as register
from connectors.register import proof
from connectors.register.tables import metadata
from expectations.plain import Row, grouped

PREPARED, SENDING, DELIVERED, ACKNOWLEDGED = "prepared", "sending", "delivered", "acknowledged"
FAILED, REJECTED, SUPERSEDED, WITHDRAWN = "failed", "rejected", "superseded", "withdrawn"
LOST = "lost"  # the recipient has it no more: the next night sends again what was in it

TO_BE_SENT = (PREPARED, SENDING, FAILED)
FALLEN = (REJECTED, WITHDRAWN, LOST)  # what was in a file of these states, its recipient does not hold
WITHDRAWAL = "WITHDRAWAL"  # the kind of a notice that asks to delete a file
ASSUMED = "taken as delivered"

FOLLOWS = {
    PREPARED: {SENDING, SUPERSEDED, WITHDRAWN, LOST},
    SENDING: {SENDING, DELIVERED, FAILED, WITHDRAWN, LOST},
    FAILED: {SENDING, SUPERSEDED, WITHDRAWN, LOST},
    DELIVERED: {ACKNOWLEDGED, REJECTED, SUPERSEDED, WITHDRAWN, LOST, PREPARED},
    ACKNOWLEDGED: {SUPERSEDED, WITHDRAWN, LOST, PREPARED},
    REJECTED: {SUPERSEDED, WITHDRAWN, LOST, PREPARED},
    LOST: {WITHDRAWN},
    SUPERSEDED: {WITHDRAWN},
    WITHDRAWN: set[str](),
}

DONE = (ACKNOWLEDGED, SUPERSEDED, WITHDRAWN, LOST)  # nothing is waited for any more, unless it is sent once more

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
    sa.Index("delivery_run", "run"),
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
    sa.Index("delivery_state_by_state", "state", "number", "delivery_id"),
    info=proof.proven("delivery_id", "number"),
)

delivery_receipt = sa.Table(
    "delivery_receipt",
    metadata,
    sa.Column("recipient", sa.String(80), primary_key=True),
    sa.Column("receipt_key", sa.String(64), primary_key=True),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("outcome", sa.String(20), nullable=False, index=True),
    sa.Column("received_at", sa.String(40), nullable=False),
    info=proof.proven("recipient", "receipt_key"),
)

later_state = delivery_state.alias()


ACCEPTED, UNREADABLE = "ACCEPTED", "UNREADABLE"
OF_ANOTHER_FORCE = "OF_ANOTHER_FORCE"  # no problem: its own force looks for it
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
class OutgoingFile:
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
class Step:
    """A step of an outgoing file through the outbox: its state since when and why; the last one is how it is now."""

    outgoing: OutgoingFile
    number: int
    state: str
    at: str
    reason: str


@dataclass(frozen=True)
class Fate:
    """What became of a file of a night: its state, and whether it ever was on its way and was delivered."""

    run: str
    recipient: str
    file: str
    state: str
    was_on_its_way: bool
    was_delivered: bool

    @property
    def is_settled(self) -> bool:
        """True where nothing of it is open: it was delivered, or is never to be."""
        return self.was_delivered or self.state in (WITHDRAWN, SUPERSEDED)


def has_arrived(fates: Sequence[Fate]) -> bool:
    """True where a night's files for one recipient, given all of them, came to it whole."""
    held = any(fate.was_delivered and fate.state != WITHDRAWN for fate in fates)
    return held and all(fate.is_settled for fate in fates)


@dataclass(frozen=True)
class Receipt:
    """What a recipient acknowledged of a file, or refused.

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

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction; Overtaken where another process made one of its steps first."""
        try:
            with register.writing(self._engine) as connection:
                yield connection
        except sa.exc.IntegrityError as error:
            raise Overtaken("Another process is delivering the same files: this one stops.") from error

    def enter(self, connection: sa.Connection, files: Sequence[OutgoingFile], actor: str) -> None:
        """Enter files, each in its first state."""
        self._enter(connection, files, actor, PREPARED, now(), "")

    def assume(self, connection: sa.Connection, files: Sequence[OutgoingFile], actor: str, at: str) -> None:
        """Enter files as delivered at a moment, where nobody sends them."""
        self._enter(connection, files, actor, DELIVERED, at, ASSUMED)

    def _enter(
        self, connection: sa.Connection, files: Sequence[OutgoingFile], actor: str, state: str, at: str, reason: str
    ) -> None:
        proof.add(connection, delivery, [asdict(outgoing) for outgoing in files])
        steps = [_row_of(Step(outgoing, 1, state, at, reason), actor) for outgoing in files]
        proof.add(connection, delivery_state, steps)

    def move(
        self, connection: sa.Connection, steps: Sequence[Step], state: str, actor: str, reason: str = ""
    ) -> list[Step]:
        """Take files one step on, each from its last step; returns the new last steps."""
        moved = []
        for step in steps:
            if state not in FOLLOWS[step.state]:
                raise OutboxError(f"{step.outgoing.remote_name} is {step.state}: it cannot become {state}.")
            moved.append(Step(step.outgoing, step.number + 1, state, now(), reason))
        proof.add(connection, delivery_state, [_row_of(step, actor) for step in moved])
        return moved

    def last_steps(self, recipient: str, states: Sequence[str] = tuple(FOLLOWS)) -> list[Step]:
        """The last steps of a recipient's files in one of these states, in the order in which they are to be sent."""
        return self._last_steps(delivery.c.recipient == recipient, delivery_state.c.state.in_(states))

    def find(self, run: str, recipient: str, file: str) -> Step:
        """The last step of the file that a person means by a name, ours or the partner's."""
        named = sa.or_(delivery.c.file == file, delivery.c.remote_name == file)
        found = self._last_steps(delivery.c.run == run, delivery.c.recipient == recipient, named)
        if not found:
            raise OutboxError(f"No file {file} of the night {run} was made for {recipient}: see `clvt deliveries`.")
        return found[-1]

    def all(self) -> list[OutgoingFile]:
        """Every file that was ever entered."""
        with self._engine.connect() as connection:
            return [OutgoingFile(**row) for row in connection.execute(sa.select(delivery)).mappings()]

    def of_night(self, run: str, recipient: str | None = None) -> list[Step]:
        """The last steps of the files of one night, for one recipient only where it is named."""
        theirs = () if recipient is None else (delivery.c.recipient == recipient,)
        return self._last_steps(delivery.c.run == run, *theirs)

    def unsettled(self, before: str, recipient: str) -> list[Step]:
        """The last steps of the files of earlier nights of which one still waits, for a recipient; no withdrawals."""
        theirs = (delivery.c.recipient == recipient, delivery.c.run < before, delivery.c.kind != WITHDRAWAL)
        nights = {s.outgoing.run for s in self._last_steps(*theirs, delivery_state.c.state.in_(TO_BE_SENT))}
        return self._last_steps(*theirs, delivery.c.run.in_(sorted(nights)))

    def fates(self, *, run: str | None = None, recipient: str | None = None) -> list[Fate]:
        """What became of the files of a night, or of one recipient; notices of withdrawal are left out."""
        query = (
            sa.select(delivery.c.run, delivery.c.recipient, delivery.c.file, delivery.c.delivery_id)
            .add_columns(delivery_state.c.state)
            .join(delivery_state, delivery_state.c.delivery_id == delivery.c.delivery_id)
            .where(delivery.c.kind != WITHDRAWAL)
            .order_by(delivery.c.run, delivery.c.recipient, delivery.c.sequence, delivery_state.c.number)
        )
        query = query.where(delivery.c.run == run) if run is not None else query
        query = query.where(delivery.c.recipient == recipient) if recipient is not None else query
        with self._engine.connect() as connection:
            steps = grouped(connection.execute(query), lambda row: str(row.delivery_id))
        return [_fate(rows) for rows in steps.values()]

    def days(self, state: str) -> dict[tuple[str, str], datetime]:
        """When each file, by recipient and name, last came to a state."""
        last = sa.func.max(delivery_state.c.at)
        query = (
            sa.select(delivery.c.recipient, delivery.c.file, last)
            .join(delivery_state, delivery_state.c.delivery_id == delivery.c.delivery_id)
            .where(delivery_state.c.state == state)
            .group_by(delivery.c.recipient, delivery.c.file)
        )
        with self._engine.connect() as connection:
            return {(name, file): datetime.fromisoformat(at) for name, file, at in connection.execute(query)}

    def fallen(self, before: str) -> dict[str, frozenset[str]]:
        """Names of the files of nights before one that each recipient rejected or lost, or that were withdrawn."""
        found: dict[str, set[str]] = {}
        one = delivery_state.c
        again = sa.and_(one.state == PREPARED, one.number > 1)
        with self._engine.connect() as connection:
            few = connection.execute(sa.select(one.delivery_id).where(sa.or_(one.state.in_(FALLEN), again))).scalars()
            theirs = delivery.c.delivery_id.in_(few.all()), delivery.c.kind != WITHDRAWAL, delivery.c.run < before
        for step in self._last_steps(*theirs):
            if step.state in FALLEN or (step.state in TO_BE_SENT and self.was(step, DELIVERED)):
                found.setdefault(step.outgoing.recipient, set()).add(step.outgoing.file)
        return {recipient: frozenset(files) for recipient, files in found.items()}

    def withdrawals(self) -> list[tuple[Step, Step | None]]:
        """Each file that was withdrawn, with the notice that asks to delete it; None where the file never left."""
        withdrawn = self._last_steps(delivery_state.c.state == WITHDRAWN)
        nights = delivery.c.run.in_({step.outgoing.run for step in withdrawn})
        notices = {
            (step.outgoing.recipient, step.outgoing.supersedes): step
            for step in self._last_steps(delivery.c.kind == WITHDRAWAL, nights)
        }
        return [(one, notices.get((one.outgoing.recipient, one.outgoing.remote_name))) for one in withdrawn]

    def nights_with_files(self, but: str) -> dict[str, int]:
        """How many nights, another one left out, entered files for each recipient."""
        nights = sa.func.count(sa.distinct(delivery.c.run))
        query = sa.select(delivery.c.recipient, nights).where(delivery.c.run != but).group_by(delivery.c.recipient)
        with self._engine.connect() as connection:
            return {recipient: count for recipient, count in connection.execute(query)}

    def delivered_after(self, night: str, before: str) -> frozenset[str]:
        """Recipients to whom a file came of a night after one and before another."""
        came = sa.exists().where(
            delivery_state.c.delivery_id == delivery.c.delivery_id, delivery_state.c.state == DELIVERED
        )
        query = sa.select(delivery.c.recipient).where(delivery.c.run > night, delivery.c.run < before, came)
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def superseded_by(self, outgoing: OutgoingFile) -> list[Step]:
        """The last steps of earlier files, held by the same recipient, that this one says it takes the place of."""
        if not outgoing.supersedes:
            return []
        named = sa.or_(*(column == outgoing.supersedes for column in (delivery.c.file, delivery.c.remote_name)))
        held = delivery_state.c.state.in_((DELIVERED, ACKNOWLEDGED, REJECTED))
        return self._last_steps(delivery.c.recipient == outgoing.recipient, delivery.c.run < outgoing.run, named, held)

    def recipients(self) -> list[str]:
        """Everyone to whom something is still to be sent, or who has still to acknowledge something."""
        assumed = self._last_steps(delivery_state.c.state == DELIVERED, delivery_state.c.number == 1)
        waiting = [step for step in self._waiting() if step.state != REJECTED]
        return sorted({step.outgoing.recipient for step in (*waiting, *assumed)})

    def _waiting(self) -> list[Step]:
        """The last steps of the files that somebody sends and that still wait for something.

        A database finds them by steps that say that a file is done: of each by itself it would ask which is its last.
        """
        step = delivery_state.c
        done = sa.select(step.delivery_id).where(step.state.in_(DONE))
        begun = sa.select(step.delivery_id).where(step.state.in_((PREPARED, REJECTED)))
        again = sa.select(step.delivery_id).where(step.state == PREPARED, step.number > 1)
        open_ones = begun.where(step.delivery_id.not_in(done)).union(again)
        return [one for one in self._last_steps(delivery.c.delivery_id.in_(open_ones)) if one.state not in DONE]

    def was_served(self, recipient: str) -> bool:
        """True where a file ever reached the recipient."""
        query = sa.select(sa.func.count()).where(
            delivery.c.recipient == recipient,
            delivery.c.delivery_id == delivery_state.c.delivery_id,
            delivery_state.c.state == DELIVERED,
        )
        with self._engine.connect() as connection:
            return bool(connection.execute(query).scalar())

    def was(self, step: Step, state: str) -> bool:
        """True where a file ever reached a state."""
        query = sa.select(sa.func.count()).where(
            delivery_state.c.delivery_id == step.outgoing.delivery_id, delivery_state.c.state == state
        )
        with self._engine.connect() as connection:
            return bool(connection.execute(query).scalar())

    def receipts(self, recipient: str | None = None, *conditions: sa.ColumnElement[bool]) -> list[Receipt]:
        """Receipts that came, in the order of their arrival; of some only, where conditions say which."""
        query = sa.select(delivery_receipt).order_by(
            delivery_receipt.c.received_at, delivery_receipt.c.recipient, delivery_receipt.c.receipt_key
        )
        if recipient is not None:
            query = query.where(delivery_receipt.c.recipient == recipient)
        query = query.where(*conditions)
        with self._engine.connect() as connection:
            return [Receipt(**row) for row in connection.execute(query).mappings()]

    def take_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Keep receipts, each with what it turned out to be: matched by the hash of what the recipient got."""
        judged = [{**asdict(receipt), "outcome": self._judge(receipt)} for receipt in receipts]
        with self.writing() as connection:
            proof.add(connection, delivery_receipt, judged)

    def _judge(self, receipt: Receipt) -> str:
        if receipt.outcome in (UNREADABLE, OF_ANOTHER_FORCE):
            return receipt.outcome
        sent = delivery_state.c.state != PREPARED
        if self._last_steps(delivery.c.recipient == receipt.recipient, delivery.c.sha256 == receipt.sha256, sent):
            return receipt.outcome
        if self._last_steps(delivery.c.recipient == receipt.recipient, delivery.c.remote_name == receipt.file, sent):
            return "OTHER_CONTENT"
        return "UNKNOWN_FILE"

    def receipt_keys(self, recipient: str) -> set[str]:
        """What tells the receipts of a recipient that came from those that did not."""
        query = sa.select(delivery_receipt.c.receipt_key).where(delivery_receipt.c.recipient == recipient)
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def answers(self, recipient: str, files: Iterable[OutgoingFile]) -> dict[str, str]:
        """The outcome of a recipient's receipts for files that were sent to it, by their SHA-256.

        Where a file was to be sent once more, receipts from before that do not count.
        """
        identities = {outgoing.sha256: outgoing.delivery_id for outgoing in files}
        asked = self._times(PREPARED, delivery_state.c.delivery_id.in_(identities.values()))
        return {
            receipt.sha256: receipt.outcome
            for receipt in self.receipts(recipient, delivery_receipt.c.sha256.in_(identities))
            if receipt.outcome in (ACCEPTED, "REJECTED") and asked[identities[receipt.sha256]] <= receipt.received_at
        }

    def settle(self, recipient: str, actor: str) -> int:
        """Move every delivered file on that a receipt is about; how many were acknowledged."""
        waiting = self.last_steps(recipient, [DELIVERED])
        answers = self.answers(recipient, [step.outgoing for step in waiting])
        answered = [s for s in waiting if s.outgoing.sha256 in answers]
        accepted = [s for s in answered if answers[s.outgoing.sha256] == ACCEPTED]
        if answered:
            with self.writing() as connection:
                self.move(connection, accepted, ACKNOWLEDGED, actor)
                self.move(connection, [s for s in answered if s not in accepted], REJECTED, actor)
        return len(accepted)

    def listing(self, since: date | None = None) -> list[Row]:
        """Deliveries: run, recipient, file, sha256, bytes, records, state, sent_at, receipt, supersedes, reason.

        Of nights before `since` only what still waits for something; all where it is None.
        """
        steps = self._last_steps() if since is None else self._lately_or_open(since.isoformat())
        files = [step.outgoing for step in steps]
        theirs = () if since is None else (delivery_state.c.delivery_id.in_([one.delivery_id for one in files]),)
        about = () if since is None else (delivery_receipt.c.sha256.in_([one.sha256 for one in files]),)
        sent = self._times(DELIVERED, *theirs)
        answers = {(r.recipient, r.sha256): f"{r.outcome} {r.received_at}" for r in self.receipts(None, *about)}
        return [
            {
                "run": s.outgoing.run,
                "recipient": s.outgoing.recipient,
                "file": s.outgoing.remote_name,
                "sha256": s.outgoing.sha256,
                "bytes": s.outgoing.bytes,
                "records": s.outgoing.records,
                "state": s.state,
                "sent_at": sent.get(s.outgoing.delivery_id),
                "receipt": answers.get((s.outgoing.recipient, s.outgoing.sha256)),
                "supersedes": s.outgoing.supersedes or None,
                "reason": s.reason,
            }
            for s in steps
        ]

    def _lately_or_open(self, since: str) -> list[Step]:
        """The last steps of files of the nights since one, and of those earlier files that still wait for something."""
        steps = self._last_steps(delivery.c.run >= since)
        steps += [step for step in self._waiting() if step.outgoing.run < since]
        return sorted(steps, key=lambda step: (step.outgoing.recipient, step.outgoing.run, step.outgoing.sequence))

    def done_with(
        self, recipient: str, identities: Collection[str], days: int, at: datetime, *, acknowledges: bool
    ) -> list[Step]:
        """Of some files those that made their last step more than `days` days ago, and are not to be sent any more.

        A recipient who `acknowledges` has to have acknowledged or refused them.
        """
        limit = (at - timedelta(days=days)).isoformat(timespec="milliseconds")
        done = (ACKNOWLEDGED, REJECTED, SUPERSEDED, WITHDRAWN, LOST, *(() if acknowledges else (DELIVERED,)))
        theirs = delivery.c.recipient == recipient, delivery.c.delivery_id.in_(identities)
        return [step for step in self._last_steps(*theirs, delivery_state.c.state.in_(done)) if step.at < limit]

    def _times(self, state: str, *conditions: sa.ColumnElement[bool]) -> dict[str, str]:
        query = (
            sa.select(delivery_state.c.delivery_id, sa.func.max(delivery_state.c.at))
            .where(delivery_state.c.state == state, *conditions)
            .group_by(delivery_state.c.delivery_id)
        )
        with self._engine.connect() as connection:
            return {identity: at for identity, at in connection.execute(query)}

    def _last_steps(self, *conditions: sa.ColumnElement[bool]) -> list[Step]:
        is_last = ~sa.exists().where(
            later_state.c.delivery_id == delivery_state.c.delivery_id, later_state.c.number > delivery_state.c.number
        )
        state, of_a_file = delivery_state.c, fields(OutgoingFile)
        query = (
            sa.select(state.number, state.state, state.at, state.reason, *(delivery.c[one.name] for one in of_a_file))
            .join(delivery_state, state.delivery_id == delivery.c.delivery_id)
            .where(is_last, *conditions)
            .order_by(delivery.c.recipient, delivery.c.run, delivery.c.sequence)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query)
            return [Step(OutgoingFile(*file), number, state, at, why) for number, state, at, why, *file in rows]


def deliveries(engine: sa.Engine, since: date | None = None) -> list[Row]:
    """Every delivery: run, recipient, file, sha256, bytes, records, state, sent_at, receipt, supersedes, reason.

    `file`, `sha256` and `bytes` are those of what the recipient got; `sent_at` is when that was proved; `reason` is
    that of the last step. Of nights before `since` only what still waits for something is listed.
    """
    return Outbox(engine).listing(since)


def became_of(engine: sa.Engine, hashes: Iterable[str]) -> dict[str, Step]:
    """The last step of each file that was to leave, by its SHA-256; of some files only."""
    steps = Outbox(engine)._last_steps(delivery.c.sha256.in_(sorted(set(hashes))))
    return {step.outgoing.sha256: step for step in steps}


def receipt_problems(engine: sa.Engine) -> list[Row]:
    """Receipts that acknowledge nothing: recipient, file (as the receipt calls it), outcome, why, received_at."""
    return [
        {
            "recipient": receipt.recipient,
            "file": receipt.file,
            "outcome": receipt.outcome,
            "why": RECEIPT_PROBLEMS[receipt.outcome],
            "received_at": receipt.received_at,
        }
        for receipt in Outbox(engine).receipts(
            None, delivery_receipt.c.outcome.in_(RECEIPT_PROBLEMS.keys() - {"REJECTED"})
        )
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


def _row_of(step: Step, actor: str) -> dict[str, Any]:
    return {
        "delivery_id": step.outgoing.delivery_id,
        "number": step.number,
        "state": step.state,
        "at": step.at,
        "actor": actor,
        "reason": step.reason,
    }


def _fate(steps: Sequence[Any]) -> Fate:
    """What the steps of one file come to, in their order."""
    states = [row.state for row in steps]
    last = steps[-1]
    return Fate(last.run, last.recipient, last.file, last.state, SENDING in states, DELIVERED in states)


def now() -> str:
    """This moment, as the register writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
