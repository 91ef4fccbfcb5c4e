"""May files of this night reach the recipient, or is the home still being tried?

A real partner is served from `live_from` of the site file on, a date that a person writes there. A stand-in always is,
and so is a partner who was served before the setting was there.
"""

from connectors.delivery.outbox import Outbox
from connectors.endpoints import EndpointError
from expectations.recipients import Recipient
from night.run import Run


def is_live(run: Run, recipient: Recipient) -> bool:
    """True where tonight's files may leave for the recipient."""
    if run.site.live_from is not None and run.as_of >= run.site.live_from:
        return True
    if _is_stand_in(run, recipient):
        return True
    return run.site.live_from is None and Outbox(run.register).was_served(recipient.name)


def _is_stand_in(run: Run, recipient: Recipient) -> bool:
    try:
        return bool(run.endpoint(recipient.delivery.connection).extra.get("stand_in"))
    except EndpointError:
        return False
