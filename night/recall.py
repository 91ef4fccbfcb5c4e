"""What can a person do about a file that was made or sent?

Send it once more, or take it back. Both need a reason, which names nobody of whom the file tells, and both are steps in
the outbox; a file that was withdrawn is never sent again, and one of an earlier night is made anew by the next: what
leaves is judged on the night it leaves.
"""

from collections.abc import Callable
from functools import partial

from connectors.delivery import outbox
from connectors.delivery.outbox import Outbox, Step
from night import outgoing_files
from night.deliver import PROBLEMS, DeliveryFailed, Visit, contract_of, make_visit, patiently
from night.person import names_one_of
from night.run import Counts, Run


def resend(run: Run, recipient: str, file: str, reason: str, by: str) -> Counts:
    """Bring a file to its recipient once more: a file of the last night as it is, where it does not lie there.

    What a file of an earlier night held is sent anew by the next night, as it is then, to whoever may have it then.
    """
    return _act(run, recipient, file, reason, by, _once_more)


def withdraw(run: Run, recipient: str, file: str, reason: str, by: str) -> Counts:
    """Take a file back: never send it; or, where it left already, remove it and ask the recipient to delete it."""
    return _act(run, recipient, file, reason, by, _take_back)


def _act(
    run: Run, recipient: str, file: str, reason: str, by: str, change: Callable[[Visit, Step, str], Counts]
) -> Counts:
    """Make one step with a file, then bring the recipient what is due."""
    if not reason.strip():
        raise DeliveryFailed("A reason is needed: why is the file sent again, or taken back?")
    try:
        with outbox.alone(run.home.outbox / recipient):
            visit = Visit(run, Outbox(run.register), contract_of(run, recipient), by)
            step = visit.box.find(run.as_of.isoformat(), recipient, file)
            _expect_nobody_named(run, step, reason)
            done = change(visit, step, reason)
            brought = patiently(partial(make_visit, visit))
            run.anchor()
            return done | brought
    except PROBLEMS as problem:
        raise DeliveryFailed(f"{recipient}: {problem}") from problem


def _expect_nobody_named(run: Run, step: Step, reason: str) -> None:
    """OutboxError where the reason, which stays in the register, holds a name of somebody of whom the file tells."""
    disclosed = outgoing_files.disclosed(run.home, step.outgoing.recipient, step.outgoing.run)
    people = {row["person_id"] for row in disclosed.get(step.outgoing.file, ())}
    if names_one_of(run, people, reason):
        raise outbox.OutboxError("The reason stays in the register: write it without the name of anybody in the file.")


def _once_more(visit: Visit, step: Step, reason: str) -> Counts:
    if step.state in outbox.TO_BE_SENT:
        return {}
    later = [night for night in visit.run.home.published() if night > visit.run.as_of]
    if later:
        with visit.box.writing() as connection:
            visit.box.move(connection, [step], outbox.LOST, visit.actor, reason)
        return {"made_anew_by_the_next_night": 1}
    if not outgoing_files.stored(visit.run.home, step.outgoing).is_file():
        raise outbox.OutboxError(
            f"{step.outgoing.remote_name} is not kept any more: encrypted files are deleted "
            f"{visit.run.site.outbox_days} days after their last step. Have a FULL sent instead (`clvt full`)."
        )
    with visit.box.writing() as connection:
        visit.box.move(connection, [step], outbox.PREPARED, visit.actor, reason)
    return {}


def _take_back(visit: Visit, step: Step, reason: str) -> Counts:
    box, outgoing = visit.box, step.outgoing
    if step.state == outbox.PREPARED and not box.was(step, outbox.SENDING):
        notices = []
    else:
        number = len(box.of_night(outgoing.run, outgoing.recipient))
        notices = [outgoing_files.withdrawal(visit.run, visit.recipient, outgoing, number)]
    with box.writing() as connection:
        box.move(connection, [step], outbox.WITHDRAWN, visit.actor, reason)
        box.enter(connection, notices, visit.actor)
    return {}
