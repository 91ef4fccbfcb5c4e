"""What has a person to fill in so that a decision has its form?

The fields of the screen for each word of `actions.Action.form`: a decision on a person's page is asked for with these
and no others. A word of form without its fields fails a test.
"""

from dataclasses import dataclass

from expectations.actions import ANSWER, DEFERRAL, ENTRY, FACT, IDENTITY, MARK, PUT_OFF, REFERRAL, ROUTE, SHARING, TASK
from expectations.agreed import (
    BIRTH_STATUSES,
    CONSENTS,
    GENDERS,
    PARENTS,
    REMOVAL_REASONS,
    REVIEW_OUTCOMES,
    STATUSES,
    URGENCIES,
)

# How a field is filled in, and where a list of choices comes from where it is the site's.
TEXT, DAY, WORDS, CHOICE = "text", "day", "words", "choice"
PANELS, AREAS = "panels", "areas"


@dataclass(frozen=True)
class Input:
    """One field: the column of the decision, its label, how it is filled in, and what may be chosen.

    `of_the_site` names a list of the site in place of `choices`. `hint` shows the form that is expected.
    """

    column: str
    label: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    of_the_site: str = ""
    hint: str = ""


HINT_OF_A_DAY = "as 27/03/2009"
_AUTHORITY = "a council's name, or its ONS code"

INPUTS: dict[str, tuple[Input, ...]] = {
    "status": (Input("value", "Status", CHOICE, STATUSES),),
    "removal": (Input("reason_code", "Why", CHOICE, REMOVAL_REASONS),),
    "pair": (
        Input("other_mention_key", "The other person", hint="a person id, tracker id or reference that names one"),
    ),
    "birth": (Input("value", "Date of birth", DAY),),
    "birth_status": (Input("reason_code", "How it is known", CHOICE, BIRTH_STATUSES),),
    "gender": (Input("value", "Gender", CHOICE, GENDERS),),
    "authority": (Input("value", "Authority", hint=_AUTHORITY),),
    "name": (Input("value", "Name", hint="SURNAME, given names"),),
    "home": (Input("value", "Address and postcode", hint="12 High Street | AB1 2CD"),),
    "area": (Input("value", "Home area", CHOICE, of_the_site=AREAS),),
    "destination": (Input("value", "Moved to", hint=f"{_AUTHORITY} | the force"),),
    "place": (Input("value", "Which authority or force", hint=f"{_AUTHORITY}, or a force's name or code"),),
    "words": (Input("value", "Your words for partners", WORDS, hint="cleared for release; at most 2,000 characters"),),
    "urgency": (Input("reason_code", "How urgent", CHOICE, URGENCIES),),
    "consent": (Input("value", "Consent", CHOICE, CONSENTS),),
    "parents": (Input("reason_code", "Parents", CHOICE, PARENTS),),
    "review": (Input("reason_code", "Outcome", CHOICE, REVIEW_OUTCOMES),),
    "panel": (Input("value", "Panel", CHOICE, of_the_site=PANELS),),
    "day": (Input("value", "Day", DAY),),
    "value": (Input("value", "Reference or outcome"),),
    "reason": (),
    "reference": (),
    "meeting": (),
    "past": (),
}
"""By word of form; every decision can have a reason besides, and a meeting's one the meeting that made it."""

HEADINGS: dict[str, str] = {
    ENTRY: "The tracker",
    FACT: "Facts",
    MARK: "The record",
    IDENTITY: "Who is who",
    DEFERRAL: "Questions left open",
    REFERRAL: "National Referral Mechanism",
    TASK: "Tasks",
    SHARING: "Sharing",
    ROUTE: "Who was told by hand",
    PUT_OFF: "Who is not told for now",
    ANSWER: "Who has answered",
}
"""Under which heading of a person's page a decision stands, by what it does, in the order of the page."""
