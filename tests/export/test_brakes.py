"""When is a night so unlike the others that nothing leaves before a person has seen it?"""

from datetime import date, timedelta

import pytest

from expectations.contracts import contract
from expectations.site import load
from tests.reconcile.rows import row
from transforms.export.brakes import BRAKES, TwoNights, braked, consequence, held_for, remembered

NIGHT = date(2022, 5, 4)
LIMITS = load().brakes


def children(on: int, off: int = 0) -> list[dict]:
    """So many on the tracker, and then so many who left it."""
    states = ["OPEN"] * on + ["REMOVED"] * off
    return [row("child", person_id=f"P-{number:03d}", state=state) for number, state in enumerate(states)]


def refs(count: int, recipient: str = "pnd", table: str = "holding", **given: object) -> list[dict]:
    return [
        row(table, recipient=recipient, record_ref=f"CL-{number:03d}", person_id=f"P-{number:03d}", **given)
        for number in range(count)
    ]


def two_nights(**given: object) -> TwoNights:
    nothing = ("child_before", "child", "holding_before", "holding", "notice", "disclosure")
    return TwoNights(as_of=NIGHT, force_code="31", **{"merged": {}, **{name: [] for name in nothing}, **given})  # type: ignore[arg-type]


def beyond(earlier: list[dict] | None = None, **given: object) -> list[tuple[str, int, int]]:
    usual = remembered(contract("brake").table_of(earlier or []), NIGHT).to_pylist()
    held = held_for(braked(two_nights(**given), usual, LIMITS), NIGHT)
    return [(one["measure"], one["count"], one["limit"]) for one in held]


def a_night_that_brought(measure: str, count: int, days: int = 7, *, was_held: bool = False) -> dict:
    night = NIGHT - timedelta(days=days)
    return row("brake", night=night, measure=measure, count=count, limit=5, beyond=was_held)


def leaving(gone: int, of: int, reason: str = "AGED_OUT") -> dict:
    there, left = children(of), {"state": "REMOVED", "removal_reason": reason}
    after = [{**child, **left} if number < gone else child for number, child in enumerate(there)]
    return {"child_before": there, "child": after}


@pytest.mark.parametrize(
    ("what", "gone", "of", "is_held"),
    [
        ("twelve of twelve by a typing error", 12, 12, True),
        ("a usual month's removals", 3, 43, False),
        ("a busy meeting of a small force", 5, 12, False),
        ("a quarter of a large force", 50, 200, False),
        ("more than a quarter", 51, 200, True),
        ("half of a usual force", 21, 42, True),
        ("nobody of nobody", 0, 0, False),
    ],
)
def test_children_who_leave_the_tracker(what: str, gone: int, of: int, is_held: bool) -> None:
    assert [measure for measure, *_ in beyond(**leaving(gone, of))] == ["children_leaving"] * is_held


@pytest.mark.parametrize(
    ("what", "gone", "of", "is_held"),
    [
        ("a meeting that goes through a year at once", 10, 17, False),
        ("half of a usual force, decided one by one", 21, 42, False),
        ("more than half", 22, 42, True),
        ("a column filled down to its end", 12, 12, True),
    ],
)
def test_children_whom_people_took_off_by_name(what: str, gone: int, of: int, is_held: bool) -> None:
    found = beyond(**leaving(gone, of, "NO_LONGER_AT_RISK"))
    assert [measure for measure, *_ in found] == ["children_taken_off"] * is_held


def test_whoever_leaves_by_a_decision_and_whoever_leaves_otherwise_are_counted_together() -> None:
    there = children(12)
    off = [{**child, "state": "REMOVED", "removal_reason": "AGED_OUT"} for child in there[:5]]
    off += [{**child, "state": "REMOVED", "removal_reason": "MOVED_AREA"} for child in there[5:]]
    assert beyond(child_before=there, child=off) == [("children_taken_off", 12, 10)]
    assert beyond(child_before=there, child=off[:6] + there[6:]) == []


def test_what_ends_at_a_recipient_because_people_decided_on_the_child_is_not_counted_again() -> None:
    held = refs(17)
    assert beyond(**leaving(11, 40, "MOVED_AREA"), holding_before=held, holding=held[11:]) == []
    declined = [{**child, "state": "DECLINED"} for child in children(11)]
    assert beyond(child=declined, holding_before=held, holding=held[11:]) == []
    assert beyond(**leaving(5, 40), holding_before=refs(17), holding=[]) == [("endings", 17, 10)]


def test_what_ends_today_of_children_on_whom_people_decided_long_ago_is_counted() -> None:
    long_ago = leaving(17, 17, "NO_LONGER_AT_RISK")["child"]
    assert beyond(child_before=long_ago, child=long_ago, holding_before=refs(17), holding=[]) == [("endings", 17, 10)]
    declined = [{**child, "state": "DECLINED"} for child in children(17)]
    assert beyond(child_before=declined, child=declined, holding_before=refs(17), holding=[]) == [("endings", 17, 10)]


def test_a_child_whose_two_records_became_one_did_not_leave() -> None:
    before = children(8)
    into_one = {f"P-{number:03d}": "P-007" for number in range(7)}
    assert beyond(child_before=before, child=before[7:], merged=into_one) == []


def test_what_earlier_nights_brought_is_usual() -> None:
    usual = [a_night_that_brought("children_leaving", 8)]
    assert beyond(usual, **leaving(16, 40)) == []
    assert beyond(usual, **leaving(17, 40)) == [("children_leaving", 17, 16)]


def test_a_night_that_a_person_let_through_is_not_usual_and_one_long_ago_is_forgotten() -> None:
    for one in (
        a_night_that_brought("children_leaving", 8, was_held=True),
        a_night_that_brought("children_leaving", 8, 91),
    ):
        assert beyond([one], **leaving(16, 40)) == [("children_leaving", 16, 10)]


def test_nights_are_remembered_for_the_next_one() -> None:
    kept, forgotten = a_night_that_brought("reports", 8), a_night_that_brought("reports", 8, 91)
    tonight = a_night_that_brought("reports", 8, 0)
    assert remembered(contract("brake").table_of([kept, forgotten, tonight]), NIGHT).to_pylist() == [kept]


def test_records_that_end_at_one_recipient_are_counted_for_that_one() -> None:
    held = [*refs(40), *refs(40, "btp")]
    assert beyond(holding_before=held, holding=[*refs(29), *refs(40, "btp")]) == [("endings", 11, 10)]


def test_correction_notices_to_one_recipient() -> None:
    held = refs(60)
    assert beyond(holding_before=held, holding=held, notice=refs(12, table="notice")) == []
    assert beyond(holding_before=held, holding=held, notice=refs(13, table="notice")) == [("notices", 13, 12)]
    assert beyond(holding_before=refs(3), holding=refs(3), notice=refs(8, table="notice")) == []


def test_a_flood_of_records_to_a_recipient_who_holds_some_but_not_the_first_file_of_a_new_one() -> None:
    flood = refs(200, table="disclosure", operation="CREATE")
    assert beyond(holding_before=refs(8), holding=refs(8), disclosure=flood) == [("records_disclosed", 200, 50)]
    assert beyond(disclosure=flood) == []
    everything = refs(60, table="disclosure", operation="UPDATE")
    assert beyond(holding_before=refs(60), holding=refs(60), disclosure=everything) == []


def test_a_flood_of_reports_but_not_the_weeks_of_a_source_that_was_down() -> None:
    assert beyond(reports={"31": 13_286}, reports_expected=3.1) == [("reports", 13_286, 100)]
    assert beyond(reports={"31": 90}, reports_expected=90.0) == []


def test_reports_of_another_force_are_never_most_of_those_that_came() -> None:
    assert beyond(reports={"31": 3, "13": 60}, reports_expected=62.0) == [("reports_of_other_forces", 60, 31)]
    assert beyond(reports={"31": 3, "13": 2}, reports_expected=3.1) == []


def test_records_that_vanish_from_the_source() -> None:
    assert beyond(keys_vanished=1700, keys_known=1700) == [("keys_vanished", 1700, 17)]
    assert beyond(keys_vanished=3, keys_known=1700) == []


def test_the_sentence_says_what_and_how_many_and_names_nobody() -> None:
    held = held_for(braked(two_nights(**leaving(12, 12), holding_before=refs(40), holding=[]), [], LIMITS), NIGHT)
    assert consequence(held) == (
        "12 children leave the tracker (at most 5 pass unasked); 40 records end at pnd (at most 10 pass unasked)."
    )


def test_every_measure_has_its_limit_in_the_site_file() -> None:
    assert set(LIMITS) == set(BRAKES)


def test_a_night_that_tells_known_children_again_says_so_as_after_an_upgrade() -> None:
    again = refs(60, table="disclosure", operation="UPDATE")
    rows = braked(two_nights(holding_before=refs(58), holding=refs(60), disclosure=again), [], LIMITS)
    told = next(row for row in rows if row["measure"] == "records_disclosed")
    assert consequence([told | {"limit": 30}]) == (
        "60 records go to pnd, 58 of them of people whom it knows already (at most 30 pass unasked)."
    )
