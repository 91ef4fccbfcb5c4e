"""What is asked of people, why, which decisions answer it, and what may be picked?

The one list of the kinds of questions. The night asks, the report shows, the worklist and the review screen offer the
choices, and a decision closes a question, all by this list; a kind that no section of the report shows stands there
under "Other questions". A kind that nothing asks, and one that is asked and is not here, fail a test.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from expectations.plain import Row

# Sections of the report that show questions in a form of their own; every other kind stands in OTHERS.
HELD, CASES, PAIRS, AGES, TASKS, OTHERS = "held", "cases", "pairs", "ages", "tasks", "others"


@dataclass(frozen=True)
class Choice:
    """One possible answer: what a person picks, and the decision that it makes.

    `asks` is what has to be typed beside it: `date`, `text`, `letters` of some of several candidates, or nothing.
    `needs_reason` where the decision is one that a later reader must be able to follow.
    """

    label: str
    action: str
    value: str = ""
    reason_code: str = ""
    asks: str = ""
    needs_reason: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of question: its heading, what may be picked, why it is asked by code, and where the report shows it.

    `also_answered_by` are actions that close it and are no choice. `task` is the kind of the row of table `action` that
    the question stands for; such a question is answered where the action is done.
    """

    label: str
    choices: tuple[Choice, ...]
    why: dict[str, str] = field(default_factory=dict)
    section: str = OTHERS
    also_answered_by: tuple[str, ...] = ()
    task: str = ""

    @property
    def answered_by(self) -> frozenset[str]:
        """The actions of decisions that close a question of this kind."""
        return frozenset({*(choice.action for choice in self.choices), *self.also_answered_by})


QUESTIONS: dict[str, Kind] = {
    "same_person": Kind(
        "Same person?",
        (
            Choice("Same person", "LINK", needs_reason=True),
            Choice("Different people", "SEPARATE", needs_reason=True),
            Choice("Cannot tell yet: ask again when something new comes", "UNDECIDED"),
        ),
        section=PAIRS,  # why is the model's own word: see transforms.link.model.questions
    ),
    "which_person": Kind(
        "Whose record is this?",
        (
            Choice("The same person as these, and none of the others", "LINK", asks="letters", needs_reason=True),
            Choice("None of these", "SEPARATE", needs_reason=True),
            Choice("Cannot tell yet: ask again when something new comes", "UNDECIDED"),
        ),
        section=PAIRS,
    ),
    "ratify": Kind(
        "New case to ratify",
        (
            Choice("Ratify as Open", "RATIFY", value="OPEN"),
            Choice("Ratify as Vulnerable", "RATIFY", value="VULNERABLE"),
            Choice("Not for the tracker", "DECLINE", needs_reason=True),
        ),
        {
            "NEW": "New intelligence names this child as linked to or involved in county lines: ratify, or decline.",
            "AGAIN": "The child was declined or removed, and new intelligence has come since: ratify, or decline.",
        },
        section=CASES,
        also_answered_by=("REOPEN",),
    ),
    "age": Kind(
        "Age to settle",
        (
            Choice("Date of birth, verified", "SET_DOB", reason_code="VERIFIED", asks="date"),
            Choice("Date of birth, stated", "SET_DOB", reason_code="STATED", asks="date"),
            Choice("Date of birth, estimated", "SET_DOB", reason_code="ESTIMATED", asks="date"),
            Choice("Remove: is 18 or over", "REMOVE", reason_code="AGED_OUT"),
            Choice("Not for the tracker", "DECLINE", needs_reason=True),
        ),
        {
            "AGE_DOUBTFUL": "By the date of birth this was nobody between 5 and 25 when first recorded. The date is "
            "not believed by itself, and the child stays: settle it.",
            "AGE_UNKNOWN": "No date of birth is known. The child is presumed under 18: find out the date.",
            "AGE_CONFLICT": "Verified dates of birth differ. The child stays until one of them is settled.",
            "AGE_NEAR_18": "By an unverified date the child may be 18 by the day shown, and stays until it is settled.",
        },
        section=AGES,
    ),
    "authority": Kind(
        "Home authority to settle",
        (
            Choice("Lives in the authority named", "SET_AUTHORITY", asks="text"),
            Choice("Was placed by the authority named", "SET_PLACING_AUTHORITY", asks="text"),
        ),
        {
            "HOME_UNKNOWN": "Where the child lives is not known, so that no children's services hear: find out.",
            "HOME_NONE": "The home authority is written as none of the UK's, so that none hears: which one is meant?",
            "PLACING_NONE": "The placing authority is written as none of the UK's: which one is meant?",
        },
        also_answered_by=("MOVED", "SET_HOME_AREA", "REMOVE", "DECLINE"),
    ),
    "nrm_consent": Kind(
        "NRM consent at 18",
        (
            Choice("Consents, stays in the NRM", "NRM_DECISION", value="CONSENT_GIVEN"),
            Choice("Does not consent, leaves the NRM", "NRM_DECISION", value="CONSENT_REFUSED"),
            Choice("Decision received, namely", "NRM_DECISION", asks="text"),
        ),
        {
            "TURNED_18": "The child turned 18 with an open National Referral Mechanism case: "
            "it needs consent from now on."
        },
    ),
    "unsupported": Kind(
        "No standing intelligence",
        (
            Choice("Keep, Open", "SET_STATUS", value="OPEN", needs_reason=True),
            Choice("Keep, Vulnerable", "SET_STATUS", value="VULNERABLE", needs_reason=True),
            Choice("Remove: no longer at risk", "REMOVE", reason_code="NO_LONGER_AT_RISK", needs_reason=True),
            Choice("Remove: entered in error", "REMOVE", reason_code="ENTERED_IN_ERROR", needs_reason=True),
        ),
        {"NO_REPORT": "Every report that identified the child was withdrawn or graded down: does the entry stand?"},
    ),
    "confirm": Kind(
        "To confirm",
        (Choice("Confirmed: carry it out", "CONFIRM", needs_reason=True),),
        section=HELD,  # why is the consequence itself
    ),
    "sca_action": Kind(
        "Referral from the Single Competent Authority",
        (
            Choice("Reviewed and actioned", "ACTION_DONE", value="ACTIONED", needs_reason=True),
            Choice("Reviewed, no further action", "ACTION_DONE", value="NO_FURTHER_ACTION", needs_reason=True),
        ),
        section=TASKS,
        task="SCA_REFERRAL",
    ),
    "moved_action": Kind(
        "Where a child moved to", (Choice("Authority | force", "MOVED", asks="text"),), section=TASKS, task="MOVED_AWAY"
    ),
    "route_action": Kind(
        "Authority or force to be told by hand",
        (Choice("Told by hand, namely", "PLACE_TOLD", asks="text"),),
        section=TASKS,
        task="ROUTE",
    ),
    "unheard_action": Kind(
        "Authority or force that hears nothing of a child",
        (
            Choice("Told by hand, namely", "PLACE_TOLD", asks="text"),
            Choice("Not told before the next meeting, namely", "PLACE_NOT_TOLD", asks="text", needs_reason=True),
        ),
        section=TASKS,
        task="UNHEARD",
    ),
    "panel_action": Kind(
        "Panel action", (Choice("Done, with this outcome", "ACTION_DONE", asks="text"),), section=TASKS, task="PANEL"
    ),
}


def shown_in(section: str) -> list[str]:
    """The kinds that a section of the report shows, in order."""
    return [name for name, kind in QUESTIONS.items() if kind.section == section]


def of_task(task: str) -> str:
    """The kind of question that stands for a kind of row of table `action`."""
    return next(name for name, kind in QUESTIONS.items() if kind.task == task)


def candidates(question: Row) -> tuple[str, ...]:
    """The mentions of which one or several may be the person of the first, of a row of `review` or of what is asked."""
    return tuple(filter(None, (question["other_mention_key"], *(question["rivals"] or ()))))


def asked_about(questions: Iterable[Row], person_of: Mapping[str, str]) -> dict[str, list[Row]]:
    """Questions of who is who, by each person whom they are about, on either side."""
    found: dict[str, list[Row]] = {}
    for question in questions:
        keys = (question["mention_key"], *candidates(question))
        for person in {question["person_id"], *map(person_of.get, keys)} - {None}:
            found.setdefault(str(person), []).append(question)
    return found


OF_A_CASE = {choice.action for kind in shown_in(CASES) for choice in QUESTIONS[kind].choices}  # wait for who it is
REVIEWED = tuple(name for name, kind in QUESTIONS.items() if not kind.task)  # those that the table `review` holds
TASKED = tuple(kind.task for kind in QUESTIONS.values() if kind.task)  # the kinds of the table `action`
