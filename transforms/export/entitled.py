"""Of which children may this recipient hold a record today, and what may it say?

The population of a contract, then what no contract can waive: restricted, disputed, suspect and adult records leave
for nobody. A record that the recipient holds and may no longer have ends, and the reason becomes a correction notice.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any

from expectations import record
from expectations.plain import Row
from expectations.recipients import Recipient
from expectations.record import FIELDS
from transforms.export.known import Known
from transforms.export.picture import Painter, Picture, pick, plain
from transforms.export.release import policy, withheld
from transforms.export.routed import is_routed, not_routed, roles

OF_ANOTHER_POPULATION = ("NOT_IDENTIFIED", "NOT_RATIFIED", "DECLINED", "REMOVED", "MOVED", "OTHER_STATUS")
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
VICTIM = "VICTIM_OR_MAY_BE"
SUSPECT = "SUSPECT"
# Decisions on somebody who is no child of the tracker: whether the panel that each names may have them from then on.
SHARED_BY = {"SHARE_SUSPECT": True, "UNSHARE_SUSPECT": False}


@dataclass(frozen=True)
class Record:
    """What a recipient may hold of one person: `content` is the contract's fields with the accuracy block."""

    ref: str
    person_id: str
    content: Mapping[str, Any]

    @cached_property
    def text(self) -> str:
        """The content in its one canonical form."""
        return canonical(self.content)

    @cached_property
    def sha256(self) -> str:
        """Hash of the content."""
        return digest(self.text)


@dataclass(frozen=True)
class Ending:
    """Why a held record may no longer be held: notice `kind`, the `action` asked for, and the reason code."""

    kind: str
    action: str
    code: str


@dataclass(frozen=True)
class HeldBack:
    """Something that was not told; `field` is `*` for the whole record."""

    person_id: str
    field: str
    code: str


@dataclass
class Entitlement:
    """All that one recipient may hold today, why other records end, and what is held back."""

    records: dict[str, Record] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    held_back: list[HeldBack] = field(default_factory=list)


def canonical(content: Mapping[str, Any]) -> str:
    """Content as JSON in its one form."""
    return _CANONICAL.encode(content)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def record_ref(person_id: str, category: str = VICTIM) -> str:
    """The key by which recipients know a person's record: opaque, the same in every file and for every recipient."""
    prefix = "CL" if category == VICTIM else "SU"
    return f"{prefix}-{digest(f'{category}/{person_id}')[:12].upper()}"


def is_adult(child: Row, as_of: date) -> bool:
    """True where the 18th birthday has come and nobody has to presume a child (Modern Slavery Act 2015 s.51)."""
    if child["age_presumed"]:
        return False
    return child["removal_reason"] == "AGED_OUT" or bool(child["attains_18_on"] and child["attains_18_on"] <= as_of)


class Pictures:
    """The pictures of a night, each painted once a policy."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._painted: dict[tuple[object, ...], dict[str, Picture]] = {}

    def of(self, child: Row, recipient: Recipient) -> Picture:
        """The picture of a child for a recipient."""
        painted = self._painted.setdefault(policy(recipient, self._known.site), {})
        person = child["person_id"]
        if person not in painted:
            painted[person] = Painter(self._known, recipient).paint(child)
        return painted[person]


def entitlement(
    known: Known, pictures: Pictures, recipient: Recipient, held: Mapping[str, Mapping[str, Any]]
) -> Entitlement:
    """What the recipient may hold; `held` is the content of what it holds, by record ref.

    Without a valid agreement nothing new is told: what is held stands, and what is wrong in it is named without value.
    """
    found = Entitlement()
    drawn: dict[str, Picture] = {}
    for child in known.child:
        ref = record_ref(child["person_id"])
        outside = _outside(known, recipient, child)
        if outside in OF_ANOTHER_POPULATION and ref not in held:
            continue
        picture = pictures.of(child, recipient)
        code = _closed(known, child) or picture.reason or outside
        content, withheld_here = pick(picture, recipient)
        content = {"category": VICTIM, **content}
        if "hears_as" in content:
            content["hears_as"] = roles(recipient, known.routes[child["person_id"]])
        if not code and _lacks(recipient, content):
            code = "REQUIRED_MISSING"
        ending = _ending(recipient, child, code) if code else None
        if ending and ending.action != "STANDS":
            found.endings[ref] = ending
        elif ending is None or ref in held:
            found.records[ref] = Record(ref, child["person_id"], _standing(held[ref], content) if ending else content)
            drawn[ref] = picture
        if outside not in OF_ANOTHER_POPULATION:
            found.held_back += _held_back(child, code, withheld_here)
    _link(recipient, found, drawn)
    _assess(recipient, found)
    if recipient.settings.get("suspects"):
        _add_suspects(known, recipient, found)
    return found if recipient.is_agreed(known.as_of) else _lapsed(found, held)


def _closed(known: Known, child: Row) -> str:
    """Why a child's record leaves for nobody, whatever the contract says."""
    if child["restricted"]:
        return "RESTRICTED"
    if child["disputed"]:
        return "DISPUTED"
    if child["data_subject_category"] != VICTIM:
        return "SUSPECT"
    if is_adult(child, known.as_of):
        return "ADULT"
    if child["attains_18_on"] and child["attains_18_on"] <= known.as_of:
        return "AGE_UNSETTLED"
    if child["removal_reason"] == "ENTERED_IN_ERROR" and child["state"] == "REMOVED":
        return "ENTERED_IN_ERROR"
    return ""


def _outside(known: Known, recipient: Recipient, child: Row) -> str:
    """Why a child is not of the contract's population."""
    population = recipient.population
    if is_routed(recipient):
        return _unrouted(known, recipient, child)
    if child["state"] in ("DECLINED", "REMOVED"):
        return str(child["state"])
    if child["state"] not in ("PROPOSED", "OPEN", "VULNERABLE"):
        return "NOT_IDENTIFIED"
    if population.of == "ratified" and child["state"] == "PROPOSED":
        return "NOT_RATIFIED"
    if population.of == "identified" and child["identified_on"] is None:
        return "NOT_IDENTIFIED"
    if population.statuses and child["status"] not in population.statuses:
        return "OTHER_STATUS"
    for name, wanted in population.where.items():
        home = child[name]  # never where the child was seen
        if home not in ((wanted,) if isinstance(wanted, str) else wanted):
            return "MOVED" if home else "NO_ROUTE"
    return _referred(known, recipient, child)


def _unrouted(known: Known, recipient: Recipient, child: Row) -> str:
    """Why an authority or force does not have to hear of a child."""
    code = not_routed(known.site, recipient, child, known.routes[child["person_id"]])
    if code:
        return code
    if recipient.population.of == "ratified" and child["state"] == "PROPOSED":
        return "NOT_RATIFIED"
    return _referred(known, recipient, child)


def _referred(known: Known, recipient: Recipient, child: Row) -> str:
    if recipient.population.once_referred == "STAYS":
        return ""
    is_referred = (
        child["nrm_submitted_on"] or child["nrm_reference"] or known.referred.intersection(child["mention_keys"])
    )
    return "ALREADY_REFERRED" if is_referred else ""


def _lacks(recipient: Recipient, content: Mapping[str, Any]) -> bool:
    return any(content.get(name) is None for name in recipient.population.required)


_ENDINGS = {
    "RESTRICTED": ("RESTRICTED", "RESTRICT"),
    "DISPUTED": ("RESTRICTED", "RESTRICT"),
    "SUSPECT": ("WITHDRAWN", "RESTRICT"),
    "ALREADY_REFERRED": ("REFERRED", "STANDS"),
}
_BY_CONTRACT = {
    "ADULT": ("AGED_OUT", "adult", "RESTRICT"),
    "DECLINED": ("WITHDRAWN", "declined", "ERASE"),
    "REMOVED": ("REMOVED", "removed", "ERASE"),
    "MOVED": ("MOVED", "moved", "ERASE"),
    "NO_ROUTE": ("MOVED", "moved", "ERASE"),
    "OTHER_STATUS": ("MOVED", "moved", "ERASE"),
}


def _ending(recipient: Recipient, child: Row, code: str) -> Ending:
    """What becomes of a record that may no longer be held."""
    if code == "AGE_UNSETTLED":
        return Ending("AGE_UNSETTLED", "STANDS" if recipient.content == "changes" else "RESTRICT", code)
    if code in _BY_CONTRACT:
        kind, key, default = _BY_CONTRACT[code]
        return Ending(kind, recipient.population.ends.get(key, default), code)
    kind, action = _ENDINGS.get(code, ("WITHDRAWN", "ERASE"))
    return Ending(kind, action, code)


def _standing(held: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A record that stands as it was sent: what is wrong in it is put right, nothing new is told."""
    return {name: now.get(name) if is_wrong(name, value, now.get(name)) else value for name, value in held.items()}


def is_wrong(name: str, held: Any, now: Any) -> bool:
    """True where what was told turned out wrong, which is more than that it moved on."""
    if held in (None, []) or held == now:
        return False
    return _WRONG[FIELDS[name].wrong if name in FIELDS else record.FACT](held, now)


def _lost(held: Any, now: Any) -> bool:
    return any(item not in (now or []) for item in held)


def _lost_refs(held: Any, now: Any) -> bool:
    return _lost([item["ref"] for item in held], [item["ref"] for item in now or []])


def _lost_grades(held: Any, now: Any) -> bool:
    return _lost(held["grades"], (now or {"grades": []})["grades"])


_WRONG: dict[str, Callable[[Any, Any], bool]] = {
    record.FACT: lambda held, now: True,
    record.ITEMS: _lost,
    record.REFS: _lost_refs,
    record.WEAKER: lambda held, now: now is None or held == "INVOLVED",
    record.COUNT: lambda held, now: bool((now or 0) < held),
    record.GRADES: _lost_grades,
    record.STATE: lambda held, now: False,
}


def _held_back(child: Row, code: str, withheld_here: Mapping[str, str]) -> list[HeldBack]:
    """What the sergeant is told that the contract would have sent."""
    if code:
        return [HeldBack(child["person_id"], "*", code)]
    return [HeldBack(child["person_id"], name, reason) for name, reason in withheld_here.items()]


def _link(recipient: Recipient, found: Entitlement, drawn: Mapping[str, Picture]) -> None:
    """Which children of this same list share an identified line or a place, without naming either."""
    if "links" not in recipient.fields:
        return
    for ref, one in found.records.items():
        links = [
            {"ref": other, "by": by}
            for other in sorted(drawn)
            if other != ref and (by := _shared(drawn[ref], drawn[other]))
        ]
        found.records[ref] = Record(ref, one.person_id, {**one.content, "links": links})


def _shared(one: Picture, other: Picture) -> list[str]:
    shared = [("LINE", one.line_refs & other.line_refs), ("PLACE", one.places & other.places)]
    return [name for name, common in shared if common]


def _assess(recipient: Recipient, found: Entitlement) -> None:
    """Red, amber or green by the contract's rule; how the force rates is not public, so the rule is configuration."""
    if "rag" not in recipient.fields:
        return
    rule = recipient.settings["rag"]
    for ref, one in found.records.items():
        content = one.content
        serious = content["involvement"] == "INVOLVED"
        missing = content["missing_count"] >= rule["red_missing_episodes"]
        repeated = content["repeats"] >= rule["amber_repeats"]
        rag = "RED" if serious and missing else "AMBER" if serious or repeated else "GREEN"
        found.records[ref] = Record(ref, one.person_id, {**content, "rag": rag})


def _add_suspects(known: Known, recipient: Recipient, found: Entitlement) -> None:
    """Suspected perpetrators whom a decision shares with this panel, by the mention that the decision names."""
    refused = {row["decision_id"] for row in known.refusal}
    for decision in sorted(known.decision, key=lambda row: (row["decided_at"], row["decision_id"])):
        is_for_us = decision["action"] in SHARED_BY and decision["value"] == recipient.settings["panel"]
        mention = known.mentions.get(decision["mention_key"])
        if not is_for_us or decision["decision_id"] in refused or mention is None:
            continue
        person = known.people[mention["mention_key"]]
        ref = record_ref(person, SUSPECT)
        may = SHARED_BY[decision["action"]]
        code = _suspect_refusal(known, recipient, mention, person) if may else "SHARING_ENDED"
        if not may:
            found.records.pop(ref, None)
        if code:
            found.endings[ref] = Ending("WITHDRAWN", "ERASE", code)
            found.held_back.append(HeldBack(person, "*", code))
        else:
            found.endings.pop(ref, None)
            found.records[ref] = Record(ref, person, _suspect(mention, decision))


def _suspect_refusal(known: Known, recipient: Recipient, mention: Row, person: str) -> str:
    child = known.children.get(person)
    if mention["role"] == "CHILD" or (child and child["data_subject_category"] == VICTIM):
        return "IS_A_CHILD"
    return withheld(mention, known.reports.get(mention["record_ref"]), recipient, known.site, known.as_of)


def _suspect(mention: Row, decision: Row) -> dict[str, Any]:
    return {
        "category": SUSPECT,
        "given_names": mention["given_names"],
        "surname": mention["surname"],
        "aliases": [mention["alias"]] if mention["alias"] else [],
        "shared_by": decision["decision_id"],
        "shared_on": plain(decision["decided_at"].date()),
        "accuracy": {"grades": [mention["grade"]] if mention["grade"] else [], "known_as": {}},
    }


def _lapsed(found: Entitlement, held: Mapping[str, Mapping[str, Any]]) -> Entitlement:
    """Without an agreement: only what is held, and of a value that turned out wrong only that it is."""
    records = {
        ref: Record(ref, one.person_id, _silenced(held[ref], one.content))
        for ref, one in found.records.items()
        if ref in held
    }
    return Entitlement(records, found.endings, [*found.held_back, HeldBack("*", "*", "AGREEMENT_NOT_VALID")])


def _silenced(held: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    silent: dict[str, Any] = {"accuracy": {"grades": [], "known_as": {}}}
    return {name: silent.get(name) if is_wrong(name, value, now.get(name)) else value for name, value in held.items()}
