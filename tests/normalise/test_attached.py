"""Records that name nobody: they are about the child whose reference we sent, and nobody is made of them."""

from expectations.contracts import contract
from expectations.plain import plain_rows
from tests.normalise.landed import FIRST, OURS, SITE, outcome
from transforms.normalise import LANDED, fold


def made(*rows):
    landed = {table: contract(table).table_of([]) for table in LANDED}
    landed["landed_mash_outcomes"] = contract("landed_mash_outcomes").table_of(list(rows))
    tables, _ = fold(landed, {}, SITE, FIRST, frozenset({OURS}))
    return {name: plain_rows(tables[name]) for name in ("mash_outcome", "mention", "quarantine")}


def test_an_outcome_is_kept_by_our_reference_and_names_nobody():
    tables = made(outcome("O-1", record_ref=OURS.lower(), decided_on="2022-02-28"))
    (kept,) = tables["mash_outcome"]
    assert (kept["outcome_ref"], kept["record_ref"], kept["outcome"]) == ("O-1", OURS, "ASSESSMENT")
    assert tables["mention"] == []


def test_a_reference_that_is_not_ours_waits_outside_with_a_reason_of_its_own():
    tables = made(outcome("O-1", record_ref="CL-FFFFFFFFFFFF"), outcome("O-2"))
    assert [kept["outcome_ref"] for kept in tables["mash_outcome"]] == ["O-2"]
    assert [stopped["reason_code"] for stopped in tables["quarantine"]] == ["RECORD_REF_UNKNOWN"]
