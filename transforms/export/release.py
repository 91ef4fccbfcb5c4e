"""May what this mention says be disclosed to this recipient?

Every fact rests on mentions, and every mention on a record with its own handling. One code a reason, with the sentence
that the sergeant reads. The highest restriction wins for each mention; a fact may be disclosed where one of the
mentions that say exactly this may be.
"""

import re
from datetime import date
from typing import NamedTuple

from expectations.agreed import GRADES
from expectations.plain import Row
from expectations.recipients import Recipient
from expectations.reference import codes
from expectations.site import MARKINGS, Site
from transforms.export.records import VICTIM
from transforms.reconcile import panels
from transforms.tables import Tables

REASONS = {
    **panels.REASONS,
    "AGREEMENT_NOT_VALID": "No information sharing agreement is valid today: renew it, or end the contract.",
    "NO_CONTRACT": "Nothing is made by its contract while it holds this record: it is not told of a correction.",
    "SUSPECT": "The presumption that the child is a victim was lifted: another category of person (DPA 2018 s.38(3)).",
    "ADULT": "The person is 18 or over: only corrections leave.",
    "AGE_UNSETTLED": "By the date of birth known the person is 18, but it is not settled: settle it by a decision.",
    "NO_ROUTE": "Where the child belongs is not known: set it by a decision, so that the right partner hears.",
    "REQUIRED_MISSING": "A fact that this recipient needs to know who is meant is not known or may not be told.",
    "ALREADY_REFERRED": "An NRM referral exists for the child: a second one would be a duplicate.",
    "NO_SUPPORT": "No record and no decision is known that says this.",
    "FACT_DISPUTED": "The records contradict each other on this fact: settle it by a decision.",
    "FREE_TEXT": "It is in words that are no known code, and free text stays here: record it again by its code.",
    "DECEASED": "The child has died: only that leaves.",
    "ENTERED_IN_ERROR": "The child was entered in error: only that leaves.",
    "UNSHARED": "A decision ended the sharing of this person with the panel.",
    "SOURCE_NOT_ACCEPTED": "It comes from a partner's record, and the contract does not let that be passed on.",
    "WITHDRAWN": "The record was withdrawn.",
    "REPORT_UNKNOWN": "The report behind it is not held.",
    "MARKING": "Its protective marking is above what the contract carries.",
    "GRADE_NOT_VALID": "Its grade is missing or not a grade of its scheme.",
    "UNRELIABLE": "It rests on intelligence graded unreliable or suspected false, and on nothing else.",
    "COVERT_A1": "Action code A1, covert development: never shared.",
    "ORIGINATOR_APPROVAL": "Sanitisation code S2: the originator must approve, in the site's originator_approvals.",
    "CONDITIONS_MISSING": "It may be shared with conditions only, and none are recorded: complete the report.",
    "HANDLING": "Its handling code does not allow sharing with this recipient.",
    "CONDITIONS_NOT_ACCEPTED": "The contract does not accept its handling conditions.",
}

BY_AGE = ("ADULT", "AGE_UNSETTLED")
_CONDITIONAL = {(row["scheme"], row["code"]) for row in codes("grades") if row["conditional"] == "yes"}


def terms(recipient: Recipient, site: Site) -> tuple[object, ...]:
    """What is withheld depends on this of a contract: it is the same for recipients with the same terms."""
    release = recipient.release
    approvals = tuple(one for one in site.originator_approvals if recipient.name in one.recipients)
    return release.sources, release.handling, release.conditions, recipient.marking, approvals


def closed(tables: Tables, child: Row) -> str:
    """Why a child's record leaves for nobody, whatever a contract says; empty where it may leave.

    The one rule that every record is asked by, on the night its file is made, whose mentions and decisions are those of
    the person as merged tonight.
    """
    if child["restricted"]:
        return "RESTRICTED"
    if child["disputed"]:
        return "DISPUTED"
    if child["state"] == "REMOVED" and child["removal_reason"] in ("ENTERED_IN_ERROR", "DECEASED"):
        return str(child["removal_reason"])
    if child["data_subject_category"] != VICTIM:
        return "SUSPECT"
    if is_adult(child, tables.as_of):
        return "ADULT"
    if child["attains_18_on"] and child["attains_18_on"] <= tables.as_of:
        return "AGE_UNSETTLED"
    return ""


def is_adult(child: Row, as_of: date) -> bool:
    """True where the 18th birthday has come and nobody has to presume a child (Modern Slavery Act 2015 s.51)."""
    if child["age_presumed"]:
        return False
    return child["removal_reason"] == "AGED_OUT" or bool(child["attains_18_on"] and child["attains_18_on"] <= as_of)


class Reported(NamedTuple):
    """All of an intelligence report that decides whether anything of it may be disclosed.

    `to_approve`: its reference and version, where its originator has to approve.
    """

    is_withdrawn: bool
    marking: str
    action_code: str | None
    to_approve: tuple[str, int] | None
    scheme: str
    grade: str
    conditions: str


class Caveats(NamedTuple):
    """All of a mention that decides whether anything of it may be disclosed; most mentions share theirs with others."""

    source: str
    is_withdrawn: bool
    grade: str | None
    report: Reported | None


def caveats(mention: Row, report: Row | None) -> Caveats:
    """Those of a mention; `report` is the row of the intelligence report, which only mentions of intelligence have."""
    return Caveats(
        mention["source"], bool(mention["withdrawn"]), mention["grade"], None if report is None else _reported(report)
    )


def _reported(report: Row) -> Reported:
    is_to_approve = report["sanitisation_code"] == "S2"
    return Reported(
        is_withdrawn=report["withdrawn_at"] is not None,
        marking=report["protective_marking"],
        action_code=report["action_code"],
        to_approve=(report["report_ref"], report["version"]) if is_to_approve else None,
        scheme=report["grade_scheme"],
        grade=report["grade"],
        conditions=report["handling_conditions"] or "",
    )


def withheld(given: Caveats, recipient: Recipient, site: Site, as_of: date) -> str:
    """The reason code why nothing of a mention may be disclosed to the recipient on a night; empty where it may."""
    if given.is_withdrawn:
        return "WITHDRAWN"
    if given.source not in recipient.release.sources:
        return "SOURCE_NOT_ACCEPTED"
    if given.source == "intelligence":
        return _intelligence(given.report, recipient, site, as_of)
    if given.source == "btp_reports":
        return _graded("3X5X2", given.grade, "", recipient, site)
    return ""


def _intelligence(report: Reported | None, recipient: Recipient, site: Site, as_of: date) -> str:
    if report is None:
        return "REPORT_UNKNOWN"
    if report.is_withdrawn:
        return "WITHDRAWN"
    if MARKINGS.index(report.marking) > MARKINGS.index(recipient.marking):
        return "MARKING"
    if report.action_code == "A1":
        return "COVERT_A1"
    if report.to_approve and not _is_approved(report.to_approve, recipient, site, as_of):
        return "ORIGINATOR_APPROVAL"
    return _graded(report.scheme, report.grade, report.conditions, recipient, site)


def _is_approved(report: tuple[str, int], recipient: Recipient, site: Site, as_of: date) -> bool:
    return any(
        (one.report, one.version) == report and recipient.name in one.recipients and one.approved_on < as_of
        for one in site.originator_approvals
    )


def _graded(scheme: str, grade: str | None, conditions: str, recipient: Recipient, site: Site) -> str:
    if not grade or not GRADES[scheme].match(grade):
        return "GRADE_NOT_VALID"
    if re.match(site.grades_that_do_not_propose.get(scheme, "$."), grade):
        return "UNRELIABLE"
    handling = grade[2]
    needs_conditions = (scheme, handling) in _CONDITIONAL
    if needs_conditions and not conditions.strip():
        return "CONDITIONS_MISSING"
    if handling not in recipient.release.handling:
        return "HANDLING"
    if not needs_conditions:
        return ""
    accepted = {_plain(text) for text in recipient.release.conditions}
    return "" if _plain(conditions) in accepted else "CONDITIONS_NOT_ACCEPTED"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
