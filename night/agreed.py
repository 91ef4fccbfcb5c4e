"""Whose contracts are not what they were, who changed them, and may files go to this recipient unencrypted?

Each night compares the recipients' contracts with those that the processing log knows, by their digests, and writes
down what changed, with the owner of the file. A contract that asks for no encryption is used once another person than
that owner has seen it as it is.
"""

import hashlib
import json
import pwd
from collections.abc import Sequence

from connectors.register.database import LogEntry, latest, log, writing
from expectations.recipients import Recipient
from night.live import is_stand_in
from night.run import Run

CHANGED, PLAIN = "contract", "plain"
OURS = "the product"  # who wrote a contract that the home did not replace


class NotSeenByAnother(Exception):
    """Files would go unencrypted, and nobody but whoever wrote the contract has seen it; the text says what to do."""


def write_down_changes(run: Run) -> int:
    """Log each contract that is new, changed or gone since it was logged last; returns how many."""
    known = {name: json.loads(row["detail"])["to"] for name, row in latest(run.register, CHANGED).items()}
    contracts = run.contracts()
    now = {name: digest(one) for name, one in contracts.items()}
    entries = [
        _entry(run, CHANGED, name, _writer(run, contracts.get(name)), {"from": known.get(name, ""), "to": to})
        for name in sorted({*known, *now})
        if known.get(name, "") != (to := now.get(name, ""))
    ]
    return _logged(run, entries)


def digest(recipient: Recipient) -> str:
    """SHA-256 of what a contract says."""
    return hashlib.sha256(json.dumps(recipient.raw, sort_keys=True, default=str).encode()).hexdigest()


def let_plain(run: Run, recipient: Recipient, actor: str, reason: str) -> None:
    """Log that somebody has seen that files go to this recipient unencrypted; NotSeenByAnother where they wrote it."""
    write_down_changes(run)
    writer = _writer(run, recipient)
    if _is(writer, actor):
        raise NotSeenByAnother(f"{writer} owns the file of contract {recipient.name}: somebody else has to look at it.")
    _logged(run, [_entry(run, PLAIN, recipient.name, actor, {"to": digest(recipient), "reason": reason})])


def expect_seen_by_another(run: Run, recipient: Recipient) -> None:
    """NotSeenByAnother where a real partner would get plain files by a contract that one person alone knows."""
    if recipient.delivery.encryption != "plain" or is_stand_in(run, recipient):
        return
    seen = latest(run.register, PLAIN).get(recipient.name)
    if (
        seen is None
        or json.loads(seen["detail"])["to"] != digest(recipient)
        or _is(_writer(run, recipient), seen["actor"])
    ):
        raise NotSeenByAnother(
            f"By its contract {recipient.name} gets its files unencrypted. Nothing is sent before another person than "
            f"the owner of {recipient.written_in}.yml has seen the contract as it is now, and says so: "
            f"`clvt plain {recipient.name} --reason …`."
        )


def _writer(run: Run, recipient: Recipient | None) -> str:
    """The owner of the file that a contract stands in; of a file that is gone, the owner of its folder."""
    path = run.home.recipients / f"{recipient.written_in}.yml" if recipient else run.home.recipients
    if not path.exists():
        return OURS
    try:
        return pwd.getpwuid(path.stat().st_uid).pw_name
    except KeyError:
        return f"uid {path.stat().st_uid}"


def _is(writer: str, actor: str) -> bool:
    """True where somebody acted under this login, or by it under another's: `ursula as clvt` is either's."""
    return writer in actor.split(" as ")


def _entry(run: Run, what: str, name: str, actor: str, detail: dict[str, str]) -> LogEntry:
    text = json.dumps(detail, sort_keys=True)
    return LogEntry("ALTERATION", actor, f"{what}:{name}", recipient=name, run=run.as_of.isoformat(), detail=text)


def _logged(run: Run, entries: Sequence[LogEntry]) -> int:
    if not entries:
        return 0
    with writing(run.register) as connection:
        return log(connection, entries)
