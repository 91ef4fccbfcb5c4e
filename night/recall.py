"""What can a person do about a file that was made or sent?

Send it once more, or take it back. Both need a reason, and both are steps in the outbox; a file that was withdrawn is
never sent again, and one of an earlier night is made anew by the next: what leaves is judged on the night it leaves.
"""

from collections.abc import Callable
from functools import partial

from connectors.delivery import outbox
from connectors.delivery.outbox import Outbox, Standing
from night import letters
from night.deliver import PROBLEMS, DeliveryFailed, Errand, contract_of, patiently, visit
from night.run import Counts, Run


def resend(run: Run, recipient: str, file: str, reason: str, by: str) -> Counts:
    """Bring a file to its recipient once more: a file of the last night as it is, where it does not lie there.

    What a file of an earlier night told is told anew by the next night, as it stands then, to whom may have it then.
    """
    return _act(run, recipient, file, reason, by, _once_more)


def withdraw(run: Run, recipient: str, file: str, reason: str, by: str) -> Counts:
    """Take a file back: never send it; or, where it left already, remove it and ask the recipient to delete it."""
    return _act(run, recipient, file, reason, by, _take_back)


def _act(
    run: Run, recipient: str, file: str, reason: str, by: str, step: Callable[[Errand, Standing, str], Counts]
) -> Counts:
    """Make one step with a file, then bring the recipient what is due."""
    if not reason.strip():
        raise DeliveryFailed("A reason is needed: why is the file sent again, or taken back?")
    try:
        with outbox.alone(run.home.outbox / recipient):
            errand = Errand(run, Outbox(run.register), contract_of(run, recipient), by)
            done = step(errand, errand.box.find(run.as_of.isoformat(), recipient, file), reason)
            return done | patiently(partial(visit, errand))
    except PROBLEMS as problem:
        raise DeliveryFailed(f"{recipient}: {problem}") from problem


def _once_more(errand: Errand, standing: Standing, reason: str) -> Counts:
    if standing.state in outbox.TO_BE_SENT:
        return {}
    later = [night for night in errand.run.home.published() if night > errand.run.as_of]
    if later:
        with errand.box.writing() as connection:
            errand.box.move(connection, [standing], outbox.LOST, errand.actor, reason)
        return {"made_anew_by_the_next_night": 1}
    if not letters.stored(errand.run.home, standing.letter).is_file():
        raise outbox.OutboxError(
            f"{standing.letter.remote_name} is not kept any more: encrypted files are deleted "
            f"{errand.run.site.outbox_days} days after their last step. Have a FULL sent instead (`clvt full`)."
        )
    with errand.box.writing() as connection:
        errand.box.move(connection, [standing], outbox.PREPARED, errand.actor, reason)
    return {}


def _take_back(errand: Errand, standing: Standing, reason: str) -> Counts:
    box, letter = errand.box, standing.letter
    if standing.state == outbox.PREPARED and not box.was(standing, outbox.SENDING):
        notices = []
    else:
        number = len(box.of_night(letter.run, letter.recipient))
        notices = [letters.withdrawal(errand.run, errand.recipient, letter, number)]
    with box.writing() as connection:
        box.move(connection, [standing], outbox.WITHDRAWN, errand.actor, reason)
        box.enter(connection, notices, errand.actor)
    return {}
