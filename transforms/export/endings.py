"""Which ending of a contract's table is it, where a record may no longer be held, by the code of why?"""

from expectations.endings import KINDS, Ending
from expectations.recipients import Recipient

REASONS_BY_CODE = {
    "ALREADY_REFERRED": "REFERRED",
    "REQUIRED_MISSING": "INCOMPLETE",
    "NOT_RATIFIED": "REMOVED",
    "OTHER_STATUS": "REMOVED",
}
VALUES_STAY_HERE = ("UNDER_REVIEW", "WITHDRAWN")  # of such a record nothing leaves, not even what is right


def ending_for(recipient: Recipient, code: str) -> Ending:
    """The ending; a code that names no reason is one of what the record rests on: it is withdrawn."""
    reason = REASONS_BY_CODE.get(code, code)
    return recipient.endings[reason if reason in KINDS else "WITHDRAWN"]
