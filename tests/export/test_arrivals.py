"""What a recipient holds after the files that came to it: an ending stands on what is there, and brings nothing."""

from dataclasses import replace
from itertools import product

import pytest

from expectations.plain import Row
from transforms.export.arrivals import Night, held_after

REF = "CL-31-A"
IN_USE, RESTRICTED, ERASED = (None, None), ("UNDER_REVIEW", "RESTRICT"), ("WITHDRAWN", "ERASE")
TOLD = {  # by what a file does to a record: kind of file, operation, fields that it says, how the record is held then
    "everything": ("FULL", "CREATE", ["surname"], IN_USE),
    "new": ("DELTA", "CREATE", ["surname"], IN_USE),
    "changed": ("DELTA", "UPDATE", ["surname"], IN_USE),
    "corrected": ("NOTICE", "NOTICE", ["surname"], IN_USE),
    "ended": ("DELTA", "ENDED", [], RESTRICTED),
    "noticed": ("NOTICE", "NOTICE", [], RESTRICTED),
    "ended with everything": ("FULL", "ENDED", [], RESTRICTED),
    "deleted": ("DELTA", "DELETE", [], None),
}
BRING = ("everything", "new", "changed")


def a_row(ref: str, ending: str | None, action: str | None, content: str = '{"surname":"Moss"}') -> Row:
    return {"record_ref": ref, "ending": ending, "action": action, "content": content, "content_sha256": content}


def a_night(told: str, became: str = "came") -> Night:
    """One file about one record, and what became of it: it came, it fell, or its night came in part."""
    kind, operation, fields, then = TOLD[told]
    return Night(
        holding=[a_row(REF, *then)] if then else [],
        disclosure=[{"record_ref": REF, "file": "one.xml", "operation": operation, "fields": fields}],
        kinds={"one.xml": kind, "manifest.json": "MANIFEST"},
        is_full=kind == "FULL",
        fallen=frozenset({"one.xml"} if became == "fell" else ()),
        has_arrived=became != "in part",
    )


def held(*nights: Night) -> tuple[str | None, str | None] | None:
    """How the record is held: in use, as what ended it says, or not at all."""
    rows = held_after(nights).rows
    return (rows[REF]["ending"], rows[REF]["action"]) if REF in rows else None


@pytest.mark.parametrize(
    ("nights", "then"),
    [
        ([("everything", "came")], IN_USE),
        ([("everything", "came"), ("ended", "came")], RESTRICTED),
        ([("everything", "came"), ("ended", "fell")], IN_USE),
        ([("everything", "came"), ("ended", "in part")], IN_USE),
        ([("everything", "came"), ("noticed", "fell")], IN_USE),
        ([("everything", "came"), ("deleted", "came")], None),
        ([("everything", "came"), ("deleted", "fell")], ERASED),
        ([("everything", "came"), ("deleted", "in part")], ERASED),
        ([("everything", "fell"), ("ended", "came")], None),
        ([("everything", "fell"), ("noticed", "came")], None),
        ([("everything", "fell"), ("ended", "fell")], None),
        ([("everything", "fell"), ("deleted", "fell")], None),
        ([("everything", "fell"), ("ended with everything", "came")], None),
        ([("everything", "fell"), ("changed", "came"), ("ended", "came")], RESTRICTED),
        ([("everything", "fell"), ("corrected", "came"), ("ended", "came")], None),
        ([("everything", "in part"), ("new", "fell"), ("noticed", "came")], None),
        ([("everything", "fell"), ("ended", "came"), ("everything", "came")], IN_USE),
    ],
)
def test_a_record_is_held_once_a_file_that_came_brings_it(nights, then):
    assert held(*(a_night(*night) for night in nights)) == then


def test_nobody_holds_a_record_of_which_all_that_was_said_fell():
    for nights in product(TOLD, repeat=3):
        assert held(*(a_night(told, "fell" if told in BRING else "came") for told in nights)) is None, nights


@pytest.mark.parametrize("became", ["fell", "in part"])
@pytest.mark.parametrize("told", TOLD)
def test_what_a_recipient_holds_it_is_told_of_until_a_file_that_came_ends_it(told, became):
    assert held(a_night("everything"), a_night(told, became)) == (ERASED if told == "deleted" else IN_USE)


def test_a_pack_of_another_child_that_came_does_not_tell_of_an_ending_whose_notice_fell():
    told = Night(
        holding=[a_row(REF, *RESTRICTED), a_row("CL-31-B", *IN_USE)],
        disclosure=[
            {"record_ref": REF, "file": "corrections.json", "operation": "NOTICE", "fields": []},
            {"record_ref": "CL-31-B", "file": "b.json", "operation": "UPDATE", "fields": ["surname"]},
        ],
        kinds={"corrections.json": "NOTICE", "b.json": "PREFILL", "manifest.json": "MANIFEST"},
        is_full=True,
        fallen=frozenset({"corrections.json"}),
        has_arrived=True,
    )
    assert held(a_night("new"), told) == IN_USE


def test_a_record_that_ended_says_what_it_did_before_a_change_that_fell():
    changed, ended = a_night("changed", "fell"), a_night("ended")
    nights = [a_night("new"), *(replace(one, holding=[a_row(REF, *RESTRICTED, "{}")]) for one in (changed, ended))]
    assert held_after(nights).rows == {REF: a_row(REF, *RESTRICTED)}
