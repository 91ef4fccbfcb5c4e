"""What may people decide, in which form, who decides it, and what does it do?

The one list of decision actions. What a table `decision` may hold, how an action reads and which form it must have all
come from here; the rooms that carry decisions out keep one table each of the actions whose effect they are. An action
without its effect, an effect without its action, a check of form that nobody knows: a test fails.
"""

from dataclasses import dataclass

# Who decides: the monthly meeting, whose day the decision counts from; an officer, at any time.
MEETING, OFFICER = "meeting", "officer"

# What a decision does, each named for the one table that carries it out.
ENTRY = "entry"  # moves a child's entry on the tracker: reconcile.lifecycle.TRANSITIONS
IDENTITY = "identity"  # says who is who: link.model.rulings.RULINGS
DEFERRAL = "deferral"  # leaves a question until something new comes: reconcile.reviews.DEFERRED_BY
FACT = "fact"  # sets facts of a child: reconcile.facts.DECIDED
MARK = "mark"  # marks the record itself: reconcile.children.MARKS
REFERRAL = "referral"  # moves the case in the National Referral Mechanism: reconcile.nrm.STEPS
TASK = "task"  # settles what somebody had to do: reconcile.actions.SETTLED_BY
DATING = "dating"  # says from which day what a meeting decided counts: tables.DATED_BY
CONFIRMATION = "confirmation"  # lets through what was held for its consequences: consequences.CONFIRMED_BY
SHARING = "sharing"  # whether a panel has a suspect's name: export.suspects.DECIDED_BY
ROUTE = "route"  # says that somebody who has to hear was informed by hand: reconcile.routes.INFORMED_BY
PUT_OFF = "put_off"  # says that somebody who has to hear is not informed for now: export.unheard.PUT_OFF_BY
ANSWER = "answer"  # says that a place has taken the child on: reconcile.handover.ANSWERED_BY


@dataclass(frozen=True)
class Action:
    """One action: how it reads in a list, what it does, who decides it, and the checks of its form, by their word.

    `of_a_mention` is False where it is about no record: its value says what it is about. `seen_first` is where it waits
    for a person who saw what it would do, in words that follow "where"; transforms.reconcile.consequences works it out.
    """

    label: str
    effect: str
    form: tuple[str, ...] = ()
    who: str = OFFICER
    of_a_mention: bool = True
    seen_first: str = ""


ACTIONS: dict[str, Action] = {
    "RATIFY": Action("Ratified", ENTRY, ("status",), MEETING),
    "DECLINE": Action("Not for the tracker", ENTRY, (), MEETING),
    "SET_STATUS": Action("Status set", ENTRY, ("status",), MEETING),
    "REMOVE": Action("Removed", ENTRY, ("removal",), MEETING),
    "REOPEN": Action("Back on the tracker", ENTRY, (), MEETING),
    "LINK": Action(
        "The same person",
        IDENTITY,
        ("pair",),
        seen_first="it would make one person of two entries of the tracker, of two verified dates of birth, or of two "
        "people whom one report names",
    ),
    "SEPARATE": Action("Different people", IDENTITY, ("pair",)),
    "UNDECIDED": Action("Cannot tell yet", DEFERRAL, ("pair",)),
    "SET_DOB": Action(
        "Date of birth set",
        FACT,
        ("birth", "birth_status"),
        seen_first="it would take the child off as an adult at once, or is hardly a child's",
    ),
    "SET_GENDER": Action("Gender set", FACT, ("gender",)),
    "SET_AUTHORITY": Action("Local authority set", FACT, ("authority",)),
    "SET_NAME": Action("Name set", FACT, ("name",)),
    "SET_ADDRESS": Action("Address set", FACT, ("home",)),
    "SET_HOME_AREA": Action("Home area set", FACT, ("area",)),
    "SET_PLACING_AUTHORITY": Action("Placing authority set", FACT, ("authority",)),
    "PLACE_TOLD": Action("Authority or force told by hand", ROUTE, ("place",)),
    "PLACE_NOT_TOLD": Action("Authority or force not told before the next meeting", PUT_OFF, ("place", "reason")),
    "PLACE_ANSWERED": Action("Authority or force has answered", ANSWER, ("place",)),
    "RESTRICT": Action("Restricted", MARK),
    "UNRESTRICT": Action("Restriction lifted", MARK),
    "DISPUTE": Action("Disputed", MARK),
    "UNDISPUTE": Action("No longer disputed", MARK),
    "SUSPECT_EVIDENCE": Action("Victim presumption lifted", MARK, ("reason",)),
    "VISITED": Action("Visited", MARK, ("day",)),
    "TOOLKIT_COMPLETED": Action("Toolkit completed", MARK, ("day",)),
    "CONCERN": Action("Words for partners", MARK, ("words", "urgency")),
    "CONSENT": Action("Consent for a referral", MARK, ("consent", "parents")),
    "MOVED": Action("Moved to", MARK, ("destination",)),
    "REVIEWED": Action("Record reviewed", MARK, ("day", "review")),
    "NRM_SUBMITTED": Action("NRM referral submitted", REFERRAL, ("value",)),
    "NRM_DECISION": Action("NRM decision", REFERRAL, ("value",)),
    "ACTION_DONE": Action("Action done", TASK, ("value",)),
    "SHARE_SUSPECT": Action(
        "Suspect shared with a panel",
        SHARING,
        ("panel", "reason"),
        seen_first="the person may be under 18 by anything that is recorded",
    ),
    "UNSHARE_SUSPECT": Action("Suspect no longer shared", SHARING, ("panel",)),
    "MEETING": Action("Day of the meeting", DATING, ("meeting", "day", "past"), of_a_mention=False),
    "CONFIRM": Action("Confirmed", CONFIRMATION, ("reference", "reason"), of_a_mention=False),
}
