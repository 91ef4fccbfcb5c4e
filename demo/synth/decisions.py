"""Which decisions did people take beside those that make a child's life on the tracker?

Pairs that are one or are two, suspects shared with a panel, evidence against a child, actions done, children not taken
on, and two rows that nobody can follow.
"""

from datetime import date
from itertools import combinations
from random import Random

from demo.synth.calendar import Calendar
from demo.synth.feeds import Inbox
from demo.synth.lives import Decision, Life
from demo.synth.people import Person
from demo.synth.reports import Report

SECONDS_BETWEEN = 10


def of_pairs(lives: list[Life], reports: list[Report], meetings: list[date]) -> list[Decision]:
    """LINK for mentions of one child, SEPARATE for twins: each at the first meeting that could know both."""
    known: dict[str, list[tuple[date, str]]] = {}
    for report in reports:
        for subject in report.subjects:
            mention = (report.created.date(), report.mention_key(subject.person))
            known.setdefault(subject.person.key, []).append(mention)
    found = []
    for life in lives[:12:3]:
        found += _pair("LINK", known.get(life.person.key, [])[:2], meetings)
    for one, other in combinations(lives, 2):
        if _are_twins(one.person, other.person):
            both = known.get(one.person.key, [])[:1] + known.get(other.person.key, [])[:1]
            found += _pair("SEPARATE", both, meetings)
    return found


def _pair(action: str, mentions: list[tuple[date, str]], meetings: list[date]) -> list[Decision]:
    if len(mentions) < 2:
        return []
    (_, key), (_, other) = mentions
    meeting = next((day for day in meetings if day > max(seen for seen, _ in mentions)), None)
    return [Decision(meeting, action, key, other_mention_key=other)] if meeting else []


def _are_twins(one: Person, other: Person) -> bool:
    return (one.born, one.surname, one.home) == (other.born, other.surname, other.home)


def of_suspects(reports: list[Report], meetings: list[date], random: Random, panel: str) -> list[Decision]:
    """Suspects whom a panel may hear of, with the reason; none where the force has no panel."""
    last = meetings[-1]
    named = [
        report.mention_key(subject.person)
        for report in reports
        for subject in report.subjects
        if subject.role == "SUSPECT" and report.created.date() < last and not report.later
    ]
    reason = "Believed to recruit at the school gate; sharing safeguards a child"
    chosen = random.sample(named, min(2, len(named)))
    return [Decision(last, "SHARE_SUSPECT", key, value=panel, reason=reason) for key in chosen if panel]


def of_one_child_who_harms(lives: list[Life], meetings: list[date]) -> list[Decision]:
    """The victim presumption lifted for one child who stays on the tracker."""
    meeting = meetings[0]
    for life in lives:
        if life.is_on(meeting) and life.stays[-1][1] is None and not life.decisions:
            reason = "Evidence of recruiting younger children, reviewed by the DI"
            return [Decision(meeting, "SUSPECT_EVIDENCE", life.mention_key, reason=reason)]
    return []


def of_actions(inbox: Inbox, meetings: list[date]) -> list[Decision]:
    """Referrals that were reviewed and actioned."""
    done = []
    for (feed, named_for), records in sorted(inbox.files.items()):
        meeting = next((day for day in meetings if day > named_for), None)
        if feed == "sca_referrals" and meeting:
            done += [
                Decision(meeting, "ACTION_DONE", f"sca:{record['referral_ref']}", value=meeting.isoformat())
                for record in records
                if record["kind"] == "REFERRAL"
            ]
    return done[::2]


def not_to_be_followed(meeting: date, force: str, lives: list[Life]) -> list[Decision]:
    """One row that names nobody, and one that lacks its value."""
    unknown = f"intel:{force}/{meeting.year}/999999#1"
    missing = [Decision(meeting, "SET_GENDER", life.mention_key) for life in lives[:1]]
    return [Decision(meeting, "RATIFY", unknown, value="OPEN"), *missing]


def rows(decisions: list[Decision], calendar: Calendar) -> list[dict[str, str]]:
    """Rows of decisions.csv: each meeting's from 14:00 on, in the order in which they were taken."""
    held: dict[date, int] = {}
    found = []
    for number, decision in enumerate(sorted(decisions, key=lambda one: one.meeting), start=1):
        held[decision.meeting] = held.get(decision.meeting, 0) + 1
        moment = calendar.at(decision.meeting, 14 * 3600 + held[decision.meeting] * SECONDS_BETWEEN)
        found.append(
            {
                "decision_id": f"D{number:05d}",
                "decided_at": moment.isoformat(),
                "decided_by": "sgt.4417",
                "meeting_ref": f"CLVT-{decision.meeting:%Y-%m}",
                "action": decision.action,
                "mention_key": decision.mention_key,
                "other_mention_key": decision.other_mention_key,
                "value": decision.value,
                "reason_code": decision.reason_code,
                "reason": decision.reason,
            }
        )
    return found
