"""May files of this night reach the recipient, or is the home still being tried?

Where an agreement or the force's own contact is still a question mark, nobody but a stand-in is served. A real partner
is served from `live_from` of the site file on, a date that a person writes there. A stand-in always is,
and so is a partner who was served before the setting was there.
"""

from connectors.delivery.outbox import Outbox
from connectors.endpoints import EndpointError
from expectations.recipients import Recipient
from expectations.settings import UNANSWERED, unanswered
from night.run import Run


def is_live(run: Run, recipient: Recipient) -> bool:
    """True where tonight's files may leave for the recipient."""
    if UNANSWERED in run.site.contact.values() or any(unanswered(recipient.raw)):
        return is_stand_in(run, recipient)
    if run.site.live_from is not None and run.as_of >= run.site.live_from:
        return True
    if is_stand_in(run, recipient):
        return True
    return run.site.live_from is None and Outbox(run.register).was_served(recipient.name)


def expect_own_key(run: Run, recipient: Recipient) -> None:
    """EndpointError where a real partner would be sent what only its stand-in can read."""
    note = run.home.standin / recipient.name / "fingerprint"
    pinned = recipient.delivery.fingerprint
    if pinned and note.is_file() and pinned == note.read_text(encoding="ascii") and not is_stand_in(run, recipient):
        raise EndpointError(
            f"{recipient.name} has the key of its stand-in, but its connection {recipient.delivery.connection} is a "
            "real partner's: import the partner's key and pin its fingerprint in delivery.fingerprint of its contract."
        )


def is_stand_in(run: Run, recipient: Recipient) -> bool:
    """True where the recipient's connection leads to a stand-in."""
    try:
        return bool(run.connection(recipient.delivery.connection).extra.get("stand_in"))
    except EndpointError:
        return False
