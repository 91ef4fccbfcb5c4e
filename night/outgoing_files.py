"""What exactly leaves, byte for byte, and under which name?

An outgoing file is in its final form: signed, encrypted, named, and entered in the outbox. It is made once; a rerun
finds it, and sends the same bytes.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from connectors.delivery import outbox
from connectors.delivery.outbox import Outbox, OutgoingFile, Step
from connectors.register import database as register
from connectors.register.database import LogEntry
from connectors.store import sealed
from connectors.store.paths import Home
from expectations.plain import Row, grouped, rows_where
from expectations.recipients import Recipient
from night.run import Run
from night.signing import own_keyring

MANIFEST = "MANIFEST"
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,180}$")


def prepare(run: Run, box: Outbox, recipient: Recipient, actor: str) -> None:
    """Enter tonight's files for a recipient in the outbox, as they will leave; what is there stays as it is."""
    rows = [row for row in run.rows("export", "outgoing") if row["recipient"] == recipient.name]
    rows.sort(key=lambda row: (row["kind"] == MANIFEST, row["file"]))
    entered = [s for s in box.of_night(run.as_of.isoformat(), recipient.name) if s.outgoing.kind != outbox.WITHDRAWAL]
    known = {step.outgoing.delivery_id for step in entered}
    drafts = [draft for number, row in enumerate(rows) if (draft := _draft(run, row, number)).delivery_id not in known]
    if drafts:
        outdated = _outdated(entered, drafts)
        files = finish(run, recipient, [(draft, _content(run, draft)) for draft in drafts])
        with box.writing() as connection:
            box.move(connection, outdated, outbox.SUPERSEDED, actor, "made again before it was sent")
            box.enter(connection, files, actor)


def retire(run: Run, box: Outbox, recipient: Recipient, actor: str) -> None:
    """Send nothing of an earlier night late: tonight's files stand for it.

    What never left is superseded. Of a night that came only in part, what may have left is withdrawn: its recipient is
    asked to delete it. A file that was to be sent once more is lost, and tonight's files repeat what it had.
    """
    earlier = box.unsettled(run.as_of.isoformat(), recipient.name)
    fates = {(fate.run, fate.file): fate for fate in box.fates(recipient=recipient.name)} if earlier else {}
    for night in sorted({step.outgoing.run for step in earlier}):
        ours = [step for step in earlier if step.outgoing.run == night]
        fate_of = {s.outgoing.delivery_id: fates[night, s.outgoing.file] for s in ours}
        waiting = [s for s in ours if s.state in outbox.TO_BE_SENT]
        lost = [s for s in waiting if fate_of[s.outgoing.delivery_id].was_delivered]
        unsent = [s for s in waiting if not fate_of[s.outgoing.delivery_id].was_on_its_way]
        partly = [s for s in ours if s not in lost + unsent and s.state not in (outbox.WITHDRAWN, outbox.SUPERSEDED)]
        taken_back = partly if len(lost) < len(waiting) else []
        number = len(box.of_night(night, recipient.name))
        notices = [withdrawal(run, recipient, s.outgoing, number + more) for more, s in enumerate(taken_back)]
        with box.writing() as connection:
            box.move(connection, lost, outbox.LOST, actor, f"sent again by the night of {run.as_of}")
            box.move(connection, unsent, outbox.SUPERSEDED, actor, f"the night of {run.as_of} took its place")
            box.move(connection, taken_back, outbox.WITHDRAWN, actor, "its night came only in part")
            box.enter(connection, notices, actor)


def finish(run: Run, recipient: Recipient, drafts: Sequence[tuple[OutgoingFile, Path]]) -> list[OutgoingFile]:
    """Files with their names and final bytes, signed and encrypted, lying in the outbox folder.

    Raises KeyringError or OutboxError where they cannot be encrypted as the contract says.
    """
    names = [_remote_name(draft, recipient) for draft, _ in drafts]
    finals = [(content, stored(run.home, draft)) for draft, content in drafts]
    (run.home.outbox / recipient.name).mkdir(parents=True, exist_ok=True, mode=0o700)
    if recipient.delivery.encryption == "openpgp":
        own_keyring(run).encrypt_all(finals, recipient.delivery.fingerprint)
    elif recipient.delivery.encryption == "plain":
        for content, final in finals:
            _copy(content, final)
    else:
        raise outbox.OutboxError(f"encryption has to be openpgp or plain, not {recipient.delivery.encryption}.")
    return [_measured(run, recipient, draft, name) for (draft, _), name in zip(drafts, names, strict=True)]


def assumed(run: Run, box: Outbox) -> list[OutgoingFile]:
    """The files of the night that are not entered yet, as files that nobody sends: in plain, under their own names."""
    known = {step.outgoing.delivery_id for step in box.of_night(run.as_of.isoformat())}
    rows = run.rows("export", "outgoing")
    rows.sort(key=lambda row: (row["recipient"], row["kind"] == MANIFEST, row["file"]))
    drafts = [(_draft(run, row, number), row) for number, row in enumerate(rows)]
    return [
        replace(draft, remote_name=row["file"], sha256=row["sha256"], bytes=row["bytes"])
        for draft, row in drafts
        if draft.delivery_id not in known
    ]


def _measured(run: Run, recipient: Recipient, draft: OutgoingFile, name: str) -> OutgoingFile:
    data = stored(run.home, draft).read_bytes()
    limit = recipient.delivery.limit_mb
    if limit is not None and len(data) > limit * 1_000_000:
        raise outbox.OutboxError(f"{draft.file} is larger than the {limit} MB that the recipient takes.")
    return replace(draft, remote_name=name, sha256=sha256(data).hexdigest(), bytes=len(data))


def stored(home: Home, outgoing: OutgoingFile) -> Path:
    """Where the final bytes of a file lie."""
    return home.outbox / outgoing.recipient / outgoing.delivery_id


def clear_away(run: Run, box: Outbox, recipient: Recipient, actor: str) -> None:
    """Delete final bytes that need not be sent any more, `outbox_days` after the last step; the register keeps all."""
    there = [path.name for path in (run.home.outbox / recipient.name).iterdir()]
    acknowledges = bool(recipient.delivery.receipts)
    done = box.done_with(recipient.name, there, run.site.outbox_days, datetime.now(UTC), acknowledges=acknowledges)
    kept = [step.outgoing for step in done]
    if not kept:
        return
    with box.writing() as connection:
        register.log(connection, [_erasure(outgoing, actor) for outgoing in kept])
    for outgoing in kept:
        stored(run.home, outgoing).unlink()


def _erasure(outgoing: OutgoingFile, actor: str) -> LogEntry:
    detail = json.dumps({"erased": "the encrypted copy in the outbox"})
    return LogEntry(
        "ERASURE", actor, recipient=outgoing.recipient, file_sha256=outgoing.sha256, run=outgoing.run, detail=detail
    )


def disclosures(outgoing: OutgoingFile, rows: Sequence[Row], actor: str) -> list[LogEntry]:
    """What the processing log says of a file that left: an entry for each person in it, by its rows of `disclosure`."""
    return [
        LogEntry(
            operation="DISCLOSURE",
            actor=actor,
            record_ref=row["record_ref"],
            person_id=row["person_id"],
            recipient=outgoing.recipient,
            file_sha256=outgoing.sha256,
            run=outgoing.run,
            detail=json.dumps({name: row[name] for name in ("operation", "agreement", "fields")}, sort_keys=True),
        )
        for row in rows
    ]


def disclosed(home: Home, recipient: str, night: str) -> dict[str, list[Row]]:
    """Rows of `disclosure` by file: whose record is in each of the files that a night made for a recipient."""
    table = sealed.read(home.run(date.fromisoformat(night)), "export", "disclosure")
    return grouped(rows_where(table, "recipient", [recipient]), lambda row: str(row["file"]))


def withdrawal(run: Run, recipient: Recipient, withdrawn: OutgoingFile, sequence: int) -> OutgoingFile:
    """A notice that asks the recipient to delete a file that it holds; it names the file and nobody in it."""
    notice = {
        "form": "withdrawal/1",
        "file": withdrawn.remote_name,
        "sha256": withdrawn.sha256,
        "asked": "Delete this file and all that was taken from it, and acknowledge this notice.",
        "contact": run.site.contact,
    }
    text = json.dumps(notice, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    file = f"withdrawal_{withdrawn.sha256[:12]}.json"
    draft = _new(withdrawn.run, withdrawn.recipient, file, sha256(text.encode()).hexdigest(), sequence)
    draft = replace(draft, kind=outbox.WITHDRAWAL, supersedes=withdrawn.remote_name)
    plain = stored(run.home, draft).with_suffix(".plain")
    plain.write_text(text, encoding="utf-8")
    try:
        return finish(run, recipient, [(draft, plain)])[0]
    finally:
        plain.unlink()


def _new(run: str, recipient: str, file: str, content_sha256: str, sequence: int) -> OutgoingFile:
    identity = outbox.delivery_id(run, recipient, file, content_sha256)
    return OutgoingFile(identity, run, recipient, sequence, file, "", "", 0, "", content_sha256, "", 0)


def _draft(run: Run, row: dict[str, Any], number: int) -> OutgoingFile:
    """A file whose final bytes are not made yet."""
    draft = _new(run.as_of.isoformat(), row["recipient"], row["file"], row["sha256"], number)
    return replace(draft, kind=row["kind"], records=row["records"], supersedes=row["supersedes"] or "")


def _outdated(entered: Sequence[Step], drafts: Sequence[OutgoingFile]) -> list[Step]:
    """The last steps of files that a draft takes the place of; an error where one of them may have left already."""
    names = {draft.file for draft in drafts}
    others = [s for s in entered if s.outgoing.file in names and s.state not in (outbox.SUPERSEDED, outbox.WITHDRAWN)]
    for step in others:
        if step.state != outbox.PREPARED:
            raise outbox.OutboxError(
                f"{step.outgoing.remote_name} was made again with other content, but the first one is already "
                f"{step.state}. One night never sends two different files: correct it with the next night."
            )
    return others


def _content(run: Run, outgoing: OutgoingFile) -> Path:
    """The plain file that export made; an error where it is not the one that was sealed."""
    path = run.folder.stage("export") / outgoing.recipient / outgoing.file
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != outgoing.content_sha256:
        raise outbox.OutboxError(f"{outgoing.file} is not as export sealed it: run the night's export again.")
    return path


def _copy(content: Path, final: Path) -> None:
    part = final.with_suffix(".part")
    part.write_bytes(content.read_bytes())
    part.chmod(0o600)
    part.replace(final)


def _remote_name(outgoing: OutgoingFile, recipient: Recipient) -> str:
    """The name at the partner: the file's own, the night in front where it does not say it, `.gpg` where encrypted."""
    name = outgoing.file.replace("/", "_")
    if outgoing.run not in name and outgoing.run.replace("-", "") not in name:
        name = f"{outgoing.run.replace('-', '')}_{name}"
    if not NAME.match(name):
        raise outbox.OutboxError("A file's name may hold only letters, digits, dots, dashes and underscores.")
    return f"{name}.gpg" if recipient.delivery.encryption == "openpgp" else name
