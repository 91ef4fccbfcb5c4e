"""deliver: does every recipient hold tonight's files, whole and once, readable by nobody else?

What export made is signed, encrypted and entered in the outbox; then each recipient is sent it, the manifest last. What
an earlier night could not deliver is never sent late: tonight's files stand for it. One recipient's failure stops no
other. A disclosure is written to the processing log in the same step that calls a file delivered.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import groupby

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_chain, wait_fixed

from connectors.delivery import full_requests, outbox, receipts, sftp, transfer
from connectors.delivery.openpgp import KeyringError
from connectors.delivery.outbox import Outbox, OutgoingFile, Step
from connectors.delivery.ssh import PartnerError, Unreachable
from connectors.delivery.transfer import Upload
from connectors.endpoints import EndpointError
from connectors.register import database as register
from connectors.sources.database import SourceError
from expectations.recipients import Recipient
from night import outgoing_files
from night.agreed import NotSeenByAnother, expect_seen_by_another
from night.export import unusable
from night.failures import Failure, sentence_of, worth_another_try
from night.live import expect_own_key, is_live
from night.may_run import may_run
from night.protected import protected_since, tells_of
from night.run import Counts, Run

ACTOR = "nightly"
WAITS = (1.0, 4.0, 15.0)  # seconds before another try, after connection problems only
PROBLEMS = (PartnerError, KeyringError, outbox.OutboxError, EndpointError, SourceError, NotSeenByAnother)


class DeliveryFailed(Failure):
    """Something did not reach a recipient; the text says what, where, and what to do."""


@may_run("deliver")
def deliver(run: Run) -> Counts:
    """Deliver to all recipients; whatever fails is raised, as DeliveryFailed, after the others had theirs."""
    failures, again = [], False
    for name in sorted({*due(run), *unusable(run)}):
        try:
            deliver_to(run, name)
        except Exception as failure:  # whatever it is, the other recipients get theirs
            failures.append(sentence_of(failure, run.home.root))
            again = again or worth_another_try(failure)
    if failures:
        raise DeliveryFailed(" ".join(failures), worth_another_try=again)
    return close(run)


def partners(run: Run) -> list[str]:
    """Everybody whom the night may have to visit, those whose contract cannot be read included."""
    return sorted({*run.contracts(), *unusable(run), *due(run)})


def due(run: Run) -> list[str]:
    """Recipients who get something tonight, have something waiting, or have still to acknowledge something."""
    return sorted(_addressed(run) | set(Outbox(run.register).recipients()))


@may_run("deliver")
def deliver_to(run: Run, recipient_name: str) -> Counts:
    """Prepare tonight's files of one recipient, send all that is due, and take its receipts.

    Counts: files `delivered`, files `found` there that an interrupted attempt had brought, files `acknowledged`. Each
    disclosure is logged (DPA 2018 s.62(1)(d)). DeliveryFailed where something did not reach the recipient.
    """
    try:
        recipient = contract_of(run, recipient_name)
        counts = _bring(run, recipient) if is_live(run, recipient) else _kept_back(run, recipient_name)
    except PROBLEMS as problem:
        raise DeliveryFailed(f"{recipient_name}: {problem}", worth_another_try=worth_another_try(problem)) from problem
    if counts.get("delivered"):
        run.anchor()  # a recipient's task may be run again alone, after the report wrote down where the register ends
    if not any(_waiting(run)):
        close(run)
    return counts


def _bring(run: Run, recipient: Recipient) -> Counts:
    expect_own_key(run, recipient)
    expect_seen_by_another(run, recipient)
    with outbox.alone(run.home.outbox / recipient.name):
        box = Outbox(run.register)
        outgoing_files.retire(run, box, recipient, ACTOR)
        outgoing_files.prepare(run, box, recipient, ACTOR)
        counts = patiently(partial(make_visit, Visit(run, box, recipient)))
        outgoing_files.clear_away(run, box, recipient, ACTOR)
    return counts


def _kept_back(run: Run, name: str) -> Counts:
    """Nothing is sent before the home is live: the night's files stay where export made them."""
    return {"not_live": sum(row["recipient"] == name for row in run.rows("export", "outgoing"))}


def close(run: Run) -> Counts:
    """Seal the stage; recipients' tasks may end side by side. DeliveryFailed while a file of the night waits."""
    left = waiting(run)
    if left:
        raise DeliveryFailed(f"Not everything was delivered: files wait for {', '.join(left)}.")
    counts = {"files": len(run.rows("export", "outgoing")), "recipients": len(_addressed(run))}
    with outbox.in_turn(run.home.outbox):
        return run.writer("deliver").seal(counts, replaceable=True)


def waiting(run: Run) -> list[str]:
    """Recipients for whom files of the night still wait, or were not yet made."""
    return sorted(_waiting(run))


def _waiting(run: Run) -> Iterator[str]:
    contracts = run.contracts()
    night = Outbox(run.register).of_night(run.as_of.isoformat())
    entered = {step.outgoing.recipient for step in night}
    to_be_sent = {step.outgoing.recipient for step in night if step.state in outbox.TO_BE_SENT}
    left = _addressed(run) - (entered - to_be_sent)  # whether a recipient is live asks Airflow: for each task anew
    return (name for name in left if name not in contracts or is_live(run, contracts[name]))


def contract_of(run: Run, name: str) -> Recipient:
    """A recipient's contract, by its name; OutboxError where there is none, or none that can be used."""
    wrong = unusable(run).get(name)
    if wrong:
        raise outbox.OutboxError(wrong)
    found = run.contracts().get(name)
    if found is None:
        raise outbox.OutboxError("there is no contract of this name in the recipients folders.")
    return found


def _addressed(run: Run) -> set[str]:
    return {str(row["recipient"]) for row in run.rows("export", "outgoing")}


def _expect_open(run: Run, recipient: Recipient) -> None:
    opens, closes = recipient.delivery.window_from, recipient.delivery.window_to
    if opens is None or closes is None:
        return
    clock = datetime.now(run.site.zone).time()
    inside = opens <= clock < closes if opens <= closes else clock >= opens or clock < closes
    if not inside:
        raise outbox.OutboxError(
            f"takes files between {opens:%H:%M} and {closes:%H:%M} only. They wait in the outbox: deliver again then."
        )


def patiently(work: Callable[[], Counts]) -> Counts:
    """Do the work; where the connection fails, again after growing waits. No other failure is tried again."""
    waits, tries = wait_chain(*map(wait_fixed, WAITS)), stop_after_attempt(len(WAITS) + 1)
    return Retrying(retry=retry_if_exception_type(Unreachable), wait=waits, stop=tries, reraise=True)(work)


@dataclass(frozen=True)
class Visit:
    """What one recipient is to be brought, and by whose order."""

    run: Run
    box: Outbox
    recipient: Recipient
    actor: str = ACTOR


def make_visit(visit: Visit) -> Counts:
    """One visit to the recipient's server: take receipts, send what is due, take the receipts for that.

    OutboxError, after all else is done, where a file does not leave because a child of it was protected since.
    """
    box = visit.box
    due = box.last_steps(visit.recipient.name, outbox.TO_BE_SENT)
    kept_back = _kept_back_since(visit, due)
    waiting = [step for step in due if step not in kept_back]
    unanswered = box.last_steps(visit.recipient.name, [outbox.DELIVERED]) if visit.recipient.delivery.receipts else []
    counts = _exchange(visit, waiting) if waiting or unanswered else {"delivered": 0, "found": 0, "acknowledged": 0}
    if kept_back:
        raise outbox.OutboxError(
            f"since the night of {visit.run.as_of} a person has protected a child of whom its files tell: they do not "
            "leave. The next night sends what may leave then; ring the partner where it cannot wait."
        )
    return counts


def _exchange(visit: Visit, waiting: list[Step]) -> Counts:
    """Take receipts, send what waits, take the receipts for that."""
    counts = {"delivered": 0, "found": 0, "acknowledged": 0}
    if waiting:
        _expect_open(visit.run, visit.recipient)
    batches = [list(batch) for _, batch in groupby(waiting, key=_night_and_whether_manifest)]
    with ThreadPoolExecutor(1) as beside:  # files are read and checked while the connection is made
        uploads = [beside.submit(_uploads, visit.run, batch) for batch in batches]
        with sftp.session(visit.run.connection(visit.recipient.delivery.connection)) as session:
            counts["acknowledged"] += _take_receipts(visit, session)
            for batch, checked in zip(batches, uploads, strict=True):
                sent, found = _send(visit, session, batch, checked.result())
                counts["delivered"] += sent
                counts["found"] += found
            counts["acknowledged"] += _take_receipts(visit, session)
    return counts


def _kept_back_since(visit: Visit, due: list[Step]) -> list[Step]:
    """All files of nights of which one tells of somebody whom a person has protected since, but for withdrawals."""
    files = [step for step in due if step.outgoing.kind != outbox.WITHDRAWAL]
    closed = {night for night in {step.outgoing.run for step in files} if _tells_of_protected(visit, night, files)}
    return [step for step in files if step.outgoing.run in closed]


def _tells_of_protected(visit: Visit, night: str, files: list[Step]) -> bool:
    persons = protected_since(replace(visit.run, as_of=date.fromisoformat(night)))
    rows = outgoing_files.disclosed(visit.run.home, visit.recipient.name, night) if persons else {}
    theirs = [step.outgoing.file for step in files if step.outgoing.run == night]
    return any(tells_of(rows.get(file, ()), persons) for file in theirs)


def _night_and_whether_manifest(step: Step) -> tuple[str, bool]:
    return step.outgoing.run, step.outgoing.kind == outgoing_files.MANIFEST


def _take_receipts(visit: Visit, session: sftp.Session) -> int:
    name, directory = visit.recipient.name, visit.recipient.delivery.receipts
    if not directory:
        return 0
    asker = receipts.Asker(name, visit.run.site.force_code)
    fetched = receipts.fetch(session, directory, asker, visit.box.receipt_keys(name))
    for receipt in (receipt for receipt, asks_full in fetched if asks_full):  # first, as a receipt is taken only once
        full_requests.request(visit.run.register, name, visit.run.as_of, f"asked in the receipt for {receipt.file}")
    visit.box.take_receipts([receipt for receipt, _ in fetched])
    return visit.box.settle(name, visit.actor)


def _send(visit: Visit, session: sftp.Session, batch: list[Step], uploads: list[Upload]) -> tuple[int, int]:
    """Bring a batch to the partner: how many files were sent, and how many were found there already."""
    box, delivery = visit.box, visit.recipient.delivery
    with box.writing() as connection:
        sending = box.move(connection, batch, outbox.SENDING, visit.actor)
    try:
        there = _there(visit, session, sending, uploads)
        _take_back(visit, session, sending)
        missing = [upload for upload in uploads if upload.name not in there]
        transfer.upload_all(session, delivery.directory, missing, read_back=delivery.read_back)
    except PartnerError as problem:
        with box.writing() as connection:
            box.move(connection, sending, outbox.FAILED, visit.actor, str(problem))
        raise
    _record(visit, sending, there)
    return len(missing), len(there)


def _record(visit: Visit, sent: list[Step], there: set[str]) -> None:
    """Call files delivered, and log whose records were disclosed, in one step."""
    new = [s.outgoing for s in sent if s.outgoing.remote_name not in there or not visit.box.was(s, outbox.DELIVERED)]
    rows = outgoing_files.disclosed(visit.run.home, visit.recipient.name, sent[0].outgoing.run)
    entries = [
        one
        for outgoing in new
        for one in outgoing_files.disclosures(outgoing, rows.get(outgoing.file, ()), visit.actor)
    ]
    superseded = [old for step in sent for old in visit.box.superseded_by(step.outgoing)]
    with visit.box.writing() as connection:
        visit.box.move(connection, sent, outbox.DELIVERED, visit.actor)
        visit.box.move(connection, superseded, outbox.SUPERSEDED, visit.actor)
        register.log(connection, entries)


def _uploads(run: Run, batch: list[Step]) -> list[Upload]:
    return [_upload(run, step.outgoing) for step in batch]


def _upload(run: Run, outgoing: OutgoingFile) -> Upload:
    path = outgoing_files.stored(run.home, outgoing)
    if not path.is_file() or transfer.digest_here(path) != outgoing.sha256:
        raise outbox.OutboxError(
            f"The outbox has lost the bytes of {outgoing.remote_name}, or they changed. Withdraw it (`clvt withdraw`), "
            "and have its records sent by the next night."
        )
    return Upload(path, outgoing.remote_name, outgoing.bytes, outgoing.sha256)


def _there(visit: Visit, session: sftp.Session, sending: list[Step], uploads: list[Upload]) -> set[str]:
    """Names of the files that the partner holds already: still lying there, or acknowledged and taken away."""
    answers = visit.box.answers(visit.recipient.name, [step.outgoing for step in sending])
    acknowledged = {s.outgoing.remote_name for s in sending if s.outgoing.sha256 in answers}
    looked_for = [upload for upload in uploads if upload.name not in acknowledged]
    return acknowledged | transfer.lying(session, visit.recipient.delivery.directory, looked_for)


def _take_back(visit: Visit, session: sftp.Session, sending: list[Step]) -> None:
    """Remove the files that a withdrawal among these is about, where they still lie at the partner.

    One that came there without our having proved it did leave the force: that is logged.
    """
    directory = visit.recipient.delivery.directory
    for notice in (s.outgoing for s in sending if s.outgoing.kind == outbox.WITHDRAWAL):
        step = visit.box.find(notice.run, notice.recipient, notice.supersedes)
        withdrawn = step.outgoing
        path = outgoing_files.stored(visit.run.home, withdrawn)
        upload = Upload(path, withdrawn.remote_name, withdrawn.bytes, withdrawn.sha256)
        with suppress(transfer.NameTaken):  # what lies there under its name now is not ours
            if not transfer.lying(session, directory, [upload]):
                continue
            session.remove(transfer.at(directory, upload.name))
            if not visit.box.was(step, outbox.DELIVERED):
                rows = outgoing_files.disclosed(visit.run.home, notice.recipient, notice.run).get(withdrawn.file, ())
                with visit.box.writing() as connection:
                    register.log(connection, outgoing_files.disclosures(withdrawn, rows, visit.actor))
