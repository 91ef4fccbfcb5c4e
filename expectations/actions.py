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

    `does` says what it will do to whoever decides it on a screen. `of_a_mention` is False where it is about no record:
    its value says what it is about. `seen_first` is where it waits for a person who saw what it would do, in words that
    follow "where"; transforms.reconcile.consequences works it out.
    """

    label: str
    effect: str
    does: str
    form: tuple[str, ...] = ()
    who: str = OFFICER
    of_a_mention: bool = True
    seen_first: str = ""


ACTIONS: dict[str, Action] = {
    "RATIFY": Action(
        "Ratified",
        ENTRY,
        "The child is on the tracker with this status, and every partner hears whose agreement covers the child.",
        ("status",),
        MEETING,
    ),
    "DECLINE": Action(
        "Not for the tracker",
        ENTRY,
        "The child is not on the tracker, and is proposed again only when new intelligence comes. A safeguarding "
        "referral that was made stands.",
        (),
        MEETING,
    ),
    "SET_STATUS": Action(
        "Status set", ENTRY, "The child stays on the tracker, with this status.", ("status",), MEETING
    ),
    "REMOVE": Action(
        "Removed",
        ENTRY,
        "The child comes off the tracker, and whoever holds a record hears why. Nobody with a duty to protect is "
        "asked to stop.",
        ("removal",),
        MEETING,
    ),
    "REOPEN": Action(
        "Back on the tracker", ENTRY, "The child is back on the tracker, with the status that they had.", (), MEETING
    ),
    "LINK": Action(
        "The same person",
        IDENTITY,
        "Both become one person with all records of both, and whoever holds a record of either hears of it.",
        ("pair",),
        seen_first="it would make one person of two entries of the tracker, of two verified dates of birth, or of two "
        "people whom one report names",
    ),
    "SEPARATE": Action(
        "Different people",
        IDENTITY,
        "They are two people from now on, whatever the evidence looks like later.",
        ("pair",),
    ),
    "UNDECIDED": Action(
        "Cannot tell yet",
        DEFERRAL,
        "They stay two people for now. It is asked again when something new comes of either.",
        ("pair",),
    ),
    "SET_DOB": Action(
        "Date of birth set",
        FACT,
        "This date stands above every record. The 18th birthday, and with it the day on which the child leaves the "
        "tracker, follow from it.",
        ("birth", "birth_status"),
        seen_first="it would take the child off as an adult at once, or is hardly a child's",
    ),
    "SET_GENDER": Action("Gender set", FACT, "It stands above every record.", ("gender",)),
    "SET_AUTHORITY": Action(
        "Local authority set",
        FACT,
        "It stands above every record. Whose children's services and which panel hear of the child follows from it.",
        ("authority",),
    ),
    "SET_NAME": Action(
        "Name set", FACT, "It stands above every record. The other names stay known, and find the child.", ("name",)
    ),
    "SET_ADDRESS": Action("Address set", FACT, "It stands above every record.", ("home",)),
    "SET_HOME_AREA": Action(
        "Home area set", FACT, "It stands above every record as the area where the child lives.", ("area",)
    ),
    "SET_PLACING_AUTHORITY": Action(
        "Placing authority set",
        FACT,
        "It stands above every record. The authority that placed the child has to hear of them, too.",
        ("authority",),
    ),
    "PLACE_TOLD": Action(
        "Authority or force told by hand", ROUTE, "That authority or force counts as informed from today.", ("place",)
    ),
    "PLACE_NOT_TOLD": Action(
        "Authority or force not told before the next meeting",
        PUT_OFF,
        "That authority or force hears nothing for now. It is asked again after the next meeting.",
        ("place", "reason"),
    ),
    "PLACE_ANSWERED": Action(
        "Authority or force has answered",
        ANSWER,
        "That authority or force is not asked any more whether it has the child. Where the child moved there, the "
        "one before may let go.",
        ("place",),
    ),
    "RESTRICT": Action(
        "Restricted",
        MARK,
        "The record leaves the force for nobody. Who holds it hears that it is under review, and not why.",
    ),
    "UNRESTRICT": Action(
        "Restriction lifted", MARK, "The record may leave the force again, as far as each agreement goes."
    ),
    "DISPUTE": Action(
        "Disputed",
        MARK,
        "The record leaves the force for nobody until the dispute is over. Who holds it hears that it is under "
        "review, and not why.",
    ),
    "UNDISPUTE": Action(
        "No longer disputed", MARK, "The record may leave the force again, as far as each agreement goes."
    ),
    "SUSPECT_EVIDENCE": Action(
        "Victim presumption lifted",
        MARK,
        "The child is not presumed a victim any more: no partner gets anything more of them, and whoever has to "
        "hear is to be told by hand. No later decision takes this back.",
        ("reason",),
    ),
    "VISITED": Action("Visited", MARK, "The duty to visit is done, on this day.", ("day",)),
    "TOOLKIT_COMPLETED": Action("Toolkit completed", MARK, "The risk toolkit is done, on this day.", ("day",)),
    "CONCERN": Action(
        "Words for partners",
        MARK,
        "These words go to the partners whose agreement has them. No other free text ever leaves; the latest words "
        "stand.",
        ("words", "urgency"),
    ),
    "CONSENT": Action("Consent for a referral", MARK, "Referrals of the child say it.", ("consent", "parents")),
    "MOVED": Action(
        "Moved to",
        MARK,
        "The authority and the force there have to hear of the child. The ones before keep the child until the new "
        "ones have answered.",
        ("destination",),
    ),
    "REVIEWED": Action(
        "Record reviewed",
        MARK,
        "The record is looked at again on that day. With “Erase” it is due to be taken out of everything, for good.",
        ("day", "review"),
    ),
    "NRM_SUBMITTED": Action(
        "NRM referral submitted",
        REFERRAL,
        "The referral stands under this reference, and no second one is prepared.",
        ("value",),
    ),
    "NRM_DECISION": Action(
        "NRM decision", REFERRAL, "The case in the National Referral Mechanism goes on from this outcome.", ("value",)
    ),
    "ACTION_DONE": Action("Action done", TASK, "The action is done, with this outcome.", ("value",)),
    "SHARE_SUSPECT": Action(
        "Suspect shared with a panel",
        SHARING,
        "This panel gets the person's name, as a suspect's.",
        ("panel", "reason"),
        seen_first="the person may be under 18 by anything that is recorded",
    ),
    "UNSHARE_SUSPECT": Action(
        "Suspect no longer shared",
        SHARING,
        "The panel hears that the sharing is over, and the name is not sent again.",
        ("panel",),
    ),
    "MEETING": Action(
        "Day of the meeting",
        DATING,
        "What the meeting decided counts from this day.",
        ("meeting", "day", "past"),
        of_a_mention=False,
    ),
    "CONFIRM": Action(
        "Confirmed", CONFIRMATION, "What was held is carried out.", ("reference", "reason"), of_a_mention=False
    ),
}
