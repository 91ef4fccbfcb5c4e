"""Which contracts and settings are not what they were, who changed them, and may files go to a recipient unencrypted?

Each night compares the recipients' contracts and the force's settings with those that the processing log knows, by
their digests, and writes down what changed, with the owner of the file. A contract that asks for no encryption is used
once another person than that owner has seen it as it is.
"""

import hashlib
import json
import pwd
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from connectors.register.database import LogEntry, latest, log, writing
from expectations.recipients import Recipient
from expectations.site import AUTHORITIES
from night.live import is_stand_in
from night.run import Run

CHANGED, SETTINGS, PLAIN = "contract", "settings", "plain"
OWN = ("site.yml", AUTHORITIES)  # a force's settings, in its home
OURS = "the product"  # who wrote a contract that the home did not replace


class NotSeenByAnother(Exception):
    """Files would go unencrypted, and nobody but whoever wrote the contract has seen it; the text says what to do."""


def write_down_changes(run: Run) -> int:
    """Log each contract and file of settings that is new, changed or gone since it was logged; returns how many."""
    contracts, files = run.contracts(), {name: run.home.root / name for name in OWN}
    agreed = {name: digest(one) for name, one in contracts.items()}
    own = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items() if path.is_file()}
    entries = [
        *_changes(run, CHANGED, agreed, lambda name: _writer(run, contracts.get(name))),
        *_changes(run, SETTINGS, own, lambda name: _owner(files[name])),
    ]
    return _logged(run, entries)


def _changes(run: Run, what: str, now: Mapping[str, str], writer: Callable[[str], str]) -> Iterator[LogEntry]:
    """An entry for each thing of a kind whose digest is not the one that was logged last."""
    known = {name: json.loads(row["detail"])["to"] for name, row in latest(run.register, what).items()}
    for name in sorted({*known, *now}):
        before, to = known.get(name, ""), now.get(name, "")
        if before != to:
            yield _entry(run, what, name, writer(name), {"from": before, "to": to})


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
    return _owner(path) if path.exists() else OURS


def _owner(path: Path) -> str:
    """The login that owns a file; of one that is gone, that owns its folder."""
    owner = (path if path.exists() else path.parent).stat().st_uid
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return f"uid {owner}"


def _is(writer: str, actor: str) -> bool:
    """True where somebody acted under this login, or by it under another's: `ursula as clvt` is either's."""
    return writer in actor.split(" as ")


def _entry(run: Run, what: str, name: str, actor: str, detail: dict[str, str]) -> LogEntry:
    text = json.dumps(detail, sort_keys=True)
    recipient = "" if what == SETTINGS else name
    return LogEntry("ALTERATION", actor, f"{what}:{name}", recipient=recipient, run=run.as_of.isoformat(), detail=text)


def _logged(run: Run, entries: Sequence[LogEntry]) -> int:
    if not entries:
        return 0
    with writing(run.register) as connection:
        return log(connection, entries)
