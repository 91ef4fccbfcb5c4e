"""Of which children may this recipient hold a record today, and what may it say?

The population of a contract, then the one release rule, which no contract can waive. A record that the recipient holds
and may no longer have as it is ends, by the table of its contract.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from expectations.agreed import CASE_STATES
from expectations.endings import Ending
from expectations.plain import Row
from expectations.recipients import Recipient
from transforms.export.endings import VALUES_STAY_HERE, ending_for
from transforms.export.links import Ties
from transforms.export.population import OF_ANOTHER_POPULATION, outside
from transforms.export.rag import rag_of
from transforms.export.records import SUSPECT, VICTIM, Record, refs_of
from transforms.export.release import BY_AGE, closed
from transforms.export.routed import keeps_only, roles
from transforms.export.shareable import Shareable, Shareables, pick
from transforms.export.suspects import suspects_for
from transforms.export.wrong import Judge
from transforms.tables import Tables


@dataclass(frozen=True)
class HeldBack:
    """Something that was not disclosed; `field` is `*` for the whole record."""

    person_id: str
    field: str
    code: str


@dataclass(frozen=True)
class Ended:
    """A held record that ends: how, and what it says once what was wrong in it is put right."""

    ending: Ending
    record: Record


@dataclass
class Entitlement:
    """All that one recipient may hold today, the held records that end, and what is held back.

    `drawn` is what the records of children were drawn from, by their refs.
    """

    records: dict[str, Record] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)
    held_back: list[HeldBack] = field(default_factory=list)
    drawn: dict[str, Shareable] = field(default_factory=dict)


def entitlement(
    tables: Tables,
    shareables: Shareables,
    recipient: Recipient,
    held: Mapping[str, Mapping[str, Any]],
    children: Iterable[Row] | None = None,
) -> Entitlement:
    """What the recipient may hold, of some children only where they are given; `held` is what it holds, by record ref.

    With which others a record is linked is not said yet, see `tie`. Without a valid agreement nothing new is sent: what
    is held stands, and what is wrong in it is named without value.
    """
    found, shared = Entitlement(), shareables.with_(recipient)
    for child, refs, theirs in _in_question(tables, tables.child if children is None else children, held):
        out = outside(tables, recipient, child)
        is_theirs = out not in OF_ANOTHER_POPULATION and not keeps_only(recipient, tables.routes[child["person_id"]])
        if not is_theirs and not theirs:
            continue
        code = closed(tables, child) or shared.reason(child) or out
        if code and not theirs:
            found.held_back.append(HeldBack(child["person_id"], "*", code))
            continue
        shareable = shared.of(child)
        content, withheld_here = pick(shareable, recipient)
        content = {"category": VICTIM, **content}
        if "hears_as" in content:
            content["hears_as"] = roles(recipient, tables.routes[child["person_id"]])
        if not code and _lacks(recipient, content):
            code = "REQUIRED_MISSING"
        if not code:
            found.records[refs[0]] = Record(refs[0], child["person_id"], content)
            found.drawn[refs[0]] = shareable
        else:
            ended_for = shareable.reason or code if code in BY_AGE else code  # an age may wait for the next file
            ending = ending_for(recipient, ended_for)
            # Of several records of a child one stands, and the others are merged into it.
            for one in theirs[:1] if ending.action == "STANDS" else theirs:
                _end(tables, recipient, found, Record(one, child["person_id"], content), held[one], ending)
        if is_theirs:
            found.held_back += _held_back(child, code, withheld_here)
    _assess(tables, recipient, found)
    if recipient.settings.get("suspects"):
        _add_suspects(tables, recipient, found, held)
    return found if recipient.is_agreed(tables.as_of) else _lapsed(tables, recipient, found, held)


def _in_question(
    tables: Tables, children: Iterable[Row], held: Mapping[str, object]
) -> Iterator[tuple[Row, list[str], list[str]]]:
    """Each child whom a population may have, or of whom something is held, with its refs and those that are held."""
    there = set(held)
    for child in children:
        refs = tables.refs[child["person_id"]]
        theirs = [one for one in refs if one in there]
        if theirs or child["state"] in CASE_STATES or tables.routes.get(child["person_id"]):
            yield child, refs, theirs


def _end(
    tables: Tables, recipient: Recipient, found: Entitlement, now: Record, held: Mapping[str, Any], ending: Ending
) -> None:
    """Put a held record among those that end, or among those that stand as they were sent."""
    content = dict(held)
    if ending.kind not in VALUES_STAY_HERE:
        judge = Judge(tables, recipient, now.person_id)
        content |= {name: now.content.get(name) for name in judge.wrong(held, now.content)}
    record = Record(now.ref, now.person_id, content)
    if ending.action == "STANDS":
        found.records[now.ref] = record
    else:
        found.ended[now.ref] = Ended(ending, record)


def _lacks(recipient: Recipient, content: Mapping[str, Any]) -> bool:
    return any(content.get(name) is None for name in recipient.population.required)


def _held_back(child: Row, code: str, withheld_here: Mapping[str, str]) -> list[HeldBack]:
    """What the sergeant sees that the contract would have sent."""
    if code:
        return [HeldBack(child["person_id"], "*", code)]
    return [HeldBack(child["person_id"], name, reason) for name, reason in withheld_here.items()]


def tie(recipient: Recipient, found: Entitlement) -> None:
    """Say in each record with which others it is linked; of a large force these are millions, so only where it is told.

    Nothing else of a record depends on them, and by themselves they are never wrong.
    """
    ties = Ties(found.drawn, bool(recipient.settings.get("venues")))
    for name, of in (("links", ties.links), ("household", ties.household)):
        if name in recipient.fields:
            for ref in found.drawn:
                one = found.records[ref]
                found.records[ref] = Record(ref, one.person_id, {**one.content, name: of(ref)})


def _assess(tables: Tables, recipient: Recipient, found: Entitlement) -> None:
    if "rag" not in recipient.fields:
        return
    for ref, shareable in found.drawn.items():
        one = found.records[ref]
        rag = rag_of(shareable.values, recipient.settings["rag"], tables.as_of)
        found.records[ref] = Record(ref, one.person_id, {**one.content, "rag": rag})


def _add_suspects(
    tables: Tables, recipient: Recipient, found: Entitlement, held: Mapping[str, Mapping[str, Any]]
) -> None:
    """Suspected perpetrators whom decisions share with this panel."""
    children = {one.person_id: ref for ref, one in found.records.items()}
    for suspect in suspects_for(tables, recipient, children):
        if not suspect.code:
            found.records[suspect.ref] = Record(suspect.ref, suspect.person_id, suspect.content)
            continue
        if suspect.code != "UNSHARED":
            found.held_back.append(HeldBack(suspect.person_id, "*", suspect.code))
        for ref in refs_of(tables.site.force_code, suspect.person_id, SUSPECT):
            if ref in held:
                now = Record(ref, suspect.person_id, held[ref])
                found.ended[ref] = Ended(ending_for(recipient, suspect.code), now)


def _lapsed(
    tables: Tables, recipient: Recipient, found: Entitlement, held: Mapping[str, Mapping[str, Any]]
) -> Entitlement:
    """Without an agreement: only what is held, and of a value that turned out wrong only that it is."""
    silent: dict[str, Any] = {"accuracy": {"grades": [], "known_as": {}}}
    records = {}
    for ref, one in found.records.items():
        if ref in held:
            wrong = Judge(tables, recipient, one.person_id).wrong(held[ref], one.content)
            records[ref] = Record(ref, one.person_id, {**held[ref], **{name: silent.get(name) for name in wrong}})
    return Entitlement(records, found.ended, [*found.held_back, HeldBack("*", "*", "AGREEMENT_NOT_VALID")])
