"""Has a person to see this night before anything leaves, and has one?

Between the gate and the first file of a night the brakes compare it with what this home's nights bring. A night that
goes far beyond is held: nothing is made, so nothing can leave, until a person confirms `night:D` with a reason. The
confirmation counts when the night is run again: it is read from where people answer, not from what landed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from connectors.register.database import LogEntry, log_once
from connectors.store import sealed
from connectors.store.paths import RunFolder
from connectors.store.sealed import StageWriter
from expectations.contracts import contract
from expectations.plain import Row, plain_rows, plain_values, where
from night.decided import known_now
from night.foresight import EVER
from night.pull import cut_off
from night.run import Run
from transforms.export.brakes import USUAL, TwoNights, braked, consequence, held_for, remembered

if TYPE_CHECKING:
    from transforms.export.drops import Outcome

CONFIRM = "CONFIRM"


class NightHeld(Exception):
    """Nothing leaves until a person has confirmed the night; the message says what and how many."""


@dataclass(frozen=True)
class Held:
    """A night that waits for a person: its reference, and what would happen."""

    night: date
    consequence: str

    @property
    def reference(self) -> str:
        """What a confirmation names."""
        return reference(self.night)


def reference(night: date) -> str:
    """What a confirmation of a night names."""
    return f"night:{night.isoformat()}"


def ask(run: Run, holding_before: list[Row], outcome: "Outcome", writer: StageWriter) -> None:
    """Write table `brake` of the night; NightHeld where it goes too far and nobody has confirmed it.

    It is compared with the last night whose files were made, where there is one, and with what partners hold so far.
    """
    earlier = run.previous("export")
    before = sealed.read(earlier, "export", "brake") if earlier else contract("brake").table_of([])
    kept = remembered(before, run.as_of)
    nights = _two_nights(run, earlier, holding_before, outcome) if earlier else None
    rows = braked(nights, plain_rows(kept.select(USUAL)), run.site.brakes) if nights else []
    writer.table("brake", pa.concat_tables([kept, contract("brake").table_of(rows)]))
    held = held_for(rows, run.as_of)
    if not held:
        return
    confirmed = next(confirmations(run), None)
    if confirmed is None:
        raise NightHeld(
            f"The night of {run.as_of} is held and nothing leaves: {consequence(held)} Look at the report. If it is "
            f"right, let a person decide CONFIRM with the value {reference(run.as_of)} and a reason, and run the night "
            "again; if it is not, mend it, and a later night goes on without it."
        )
    entry = LogEntry("ALTERATION", str(confirmed["decided_by"]), str(confirmed["decision_id"]))
    log_once(run.register, run.as_of.isoformat(), {f"{CONFIRM} {reference(run.as_of)}": [entry]})


def confirmations(run: Run) -> Iterator[Row]:
    """Decisions, given since the night began and known now, by which a named person confirms it with a reason."""
    for decision in known_now(run):
        names_it = decision["action"] == CONFIRM and decision["value"] == reference(run.as_of)
        is_signed = decision["decided_by"] and decision["reason"]
        if names_it and is_signed and cut_off(run) <= decision["decided_at"] < EVER:
            yield decision


def question(run: Run) -> Row | None:
    """A held night as an open question, in the form of a row of `review`; None where it is not held."""
    held = held_night(run)
    if held is None:
        return None
    asked = {"review_id": held.reference, "kind": "confirm", "asked_on": held.night, "why": held.consequence}
    return {**dict.fromkeys(contract("review").names), **asked, "mention_key": "", "is_open": True}


def held_nights(run: Run) -> frozenset[date]:
    """The nights before this one that were held, whether a person let them go since or not, as far as is remembered."""
    earlier = run.previous("export")
    since = [night for night in run.nights_before if not earlier or night > earlier.as_of]
    waiting = {night for night in since if held_night(replace(run, as_of=night))}
    beyond = where(sealed.read(earlier, "export", "brake"), "beyond", [True]) if earlier else None
    return frozenset(waiting.union(plain_values(beyond["night"]) if beyond else ()))


def answered(run: Run) -> list[Row]:
    """The nights that a person let through, as answered questions, of those that the night's brakes remember."""
    rows = run.rows("export", "brake") if run.folder.is_sealed("export") else []
    found = []
    for night in sorted({row["night"] for row in rows if row["beyond"]}):
        confirmed = next(confirmations(replace(run, as_of=night)), None)
        if confirmed:
            asked = {"review_id": reference(night), "kind": "confirm", "asked_on": night, "mention_key": ""}
            asked |= {"why": consequence(held_for(rows, night)), "answer": CONFIRM, "is_open": False}
            day = confirmed["decided_at"].date()
            found.append({**dict.fromkeys(contract("review").names), **asked, "answered_on": day})
    return found


def held_night(run: Run) -> Held | None:
    """The night, where the brakes hold it: what it would have done lies in the folder that was not sealed."""
    found = None if run.folder.is_sealed("export") else sealed.left(run.folder, "export", "brake")
    held = held_for(plain_rows(found), run.as_of) if found is not None else []
    return Held(run.as_of, consequence(held)) if held else None


def _two_nights(run: Run, earlier: RunFolder, holding_before: list[Row], outcome: "Outcome") -> TwoNights:
    merged = {row["person_id"]: row["merged_into"] for row in run.rows("link", "person_id") if row["merged_into"]}
    landed = run.since(earlier, "land", "landed_report").select(["report_ref", "source_force"]).to_pylist()
    gone, gone_before = (_vanished(sealed.read(one, "land", "landed_refusal")) for one in (run.folder, earlier))
    vanished = len(gone - gone_before)
    return TwoNights(
        as_of=run.as_of,
        force_code=run.site.force_code,
        child_before=plain_rows(sealed.read(earlier, "reconcile", "child")),
        child=run.rows("reconcile", "child"),
        merged={person: _last(person, merged) for person in merged},
        holding_before=holding_before,
        holding=outcome.holding,
        notice=outcome.notice,
        disclosure=outcome.disclosure,
        reports=Counter({row["report_ref"]: str(row["source_force"]) for row in landed}.values()),
        reports_expected=run.site.reports_per_night * (run.as_of - earlier.as_of).days,
        keys_vanished=vanished,
        keys_known=run.read("land", "landed_key").num_rows if vanished else 0,
    )


def _vanished(refusals: pa.Table) -> set[str]:
    return {row["record_key"] for row in plain_rows(refusals) if row["reason_code"] == "KEY_VANISHED"}


def _last(person: str, merged: dict[str, Any]) -> str:
    while person in merged:
        person = merged[person]
    return person
