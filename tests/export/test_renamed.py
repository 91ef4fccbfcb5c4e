"""A home that sent references which did not name the force: each partner is told old and new once, and loses nobody."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from expectations import gate
from expectations.contracts import contract
from tests.export.a_force import CONTRACTS, SITE, TONIGHT, Person, after, mention, rows_of, tables_of
from tests.export.simulated import Simulated
from transforms.export.brakes import BRAKES, TwoNights
from transforms.export.drops import Earlier, Outcome, drops
from transforms.export.ledger import held_by
from transforms.export.records import former_ref, record_ref

MORNING = TONIGHT + timedelta(days=1)
PEOPLE = ("P-1", "P-2", "P-3")
NEW_TO_OLD = {record_ref("31", person): former_ref(person) for person in PEOPLE}


def people(**second):
    others = (mention("intel:31/2022/000002#1", surname="Moss"), mention("intel:31/2022/000003#1", surname="Reed"))
    return [Person("P-1"), Person("P-2", [others[0]], second), Person("P-3", [others[1]])]


def as_before(outcome: Outcome) -> Outcome:
    """What the version before wrote: the same files and tables, with the references of then."""
    files = {
        _renamed(name): content if name.endswith("xlsx") else _renamed(content.decode()).encode()
        for name, content in outcome.files.items()
    }
    tables = (outcome.holding, outcome.outgoing, outcome.disclosure)
    holding, outgoing, disclosure = ([_row(row) for row in rows] for rows in tables)
    return replace(outcome, files=files, holding=holding, outgoing=outgoing, disclosure=disclosure)


def _row(row):
    return {column: _renamed(value) if isinstance(value, str) and column != "content" else value
            for column, value in row.items()}  # fmt: skip


def _renamed(text: str) -> str:
    for new, old in NEW_TO_OLD.items():
        text = text.replace(new, old)
    return text


def two_nights(name: str, now=None):
    """A recipient that took a file of the version before and then tonight's, the ledger, and tonight's files."""
    contract = {name: replace(CONTRACTS[name], schedule=replace(CONTRACTS[name].schedule, every="nightly"))}
    first = as_before(drops(tables_of(*people()), contract, Earlier()))
    partner = Simulated(contract[name])
    if name != "ccep":
        partner.take(first)
    second = drops(tables_of(*(now or people()), as_of=MORNING), contract, after(first, TONIGHT))
    partner.take(second)
    return partner, second


@pytest.mark.parametrize("name", ["mash_city", "barnardos", "pnd", "btp", "ccep", "sca"])
def test_after_the_next_file_a_partner_has_each_child_once_under_the_new_reference(name):
    partner, outcome = two_nights(name)
    held = held_by([row for row in outcome.holding if row["recipient"] == name], {})
    ledger = {ref: partner.should_hold(mine.record.content) for ref, mine in held.items()}
    assert partner.held == ledger
    assert set(partner.held) == set(NEW_TO_OLD)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_the_night_that_renames_passes_the_gate(name):
    _, outcome = two_nights(name)
    tables = {
        table: contract(table).table_of(getattr(outcome, table)) for table in ("disclosure", "holding", "outgoing")
    }
    check = gate.validate(tables, MORNING, SITE)
    assert [row["rule"] for row in check.to_pylist() if not row["passed"]] == []


@pytest.mark.parametrize("name", ["mash_city", "pnd", "ccep", "sca"])
def test_the_manifest_says_which_reference_became_which_and_only_once(name):
    _, outcome = two_nights(name)
    (manifest,) = [json.loads(text) for file, text in outcome.files.items() if file.endswith("manifest.json")]
    assert manifest["renamed"] == {old: new for new, old in NEW_TO_OLD.items()}
    contract = {name: CONTRACTS[name]}
    later = tables_of(*people(), as_of=MORNING + timedelta(days=1))
    third = drops(later, contract, after(outcome, MORNING), frozenset({name}))
    again = [json.loads(text)["renamed"] for file, text in third.files.items() if file.endswith("manifest.json")]
    assert again == [{}]


def test_a_new_reference_is_no_new_referral_and_no_ending_and_the_child_is_told_since_the_first_file():
    _, outcome = two_nights("mash_city")
    (file,) = [json.loads(text) for name, text in outcome.files.items() if name.endswith("concern.json")]
    told = {record["record_ref"]: record for record in file["records"] if record["operation"] == "CREATE"}
    assert {record["referral"]["kind"] for record in told.values()} == {"UPDATE"}
    assert {ref: record["referral"]["former_ref"] for ref, record in told.items()} == NEW_TO_OLD
    assert {row["first_sent_on"] for row in outcome.holding} == {TONIGHT}
    before = [row | {"record_ref": NEW_TO_OLD[row["record_ref"]]} for row in outcome.holding]
    nights = TwoNights(as_of=MORNING, force_code="31", child_before=[], child=[], merged={}, notice=[], disclosure=[],
                       holding_before=before, holding=outcome.holding)  # fmt: skip
    assert [count.count for count in BRAKES["endings"].counts(nights)] == [0]


def test_people_read_of_a_new_reference_with_the_week_and_once():
    """A system has it the same night; nobody opens a file for it."""
    contract = {"mash_city": CONTRACTS["mash_city"]}
    pages, earlier = [], after(as_before(drops(tables_of(*people()), contract, Earlier())), TONIGHT)
    for day in (TONIGHT + timedelta(days=days) for days in (1, 5, 12)):  # Thursday, and two Mondays
        outcome = drops(tables_of(*people(), as_of=day), contract, earlier)
        earlier = after(outcome, day)
        pages.append([text.decode() for name, text in outcome.files.items() if name.endswith("concern.html")])
    thursday, (monday,), later = pages
    assert (thursday, later) == ([], [])
    for new, old in NEW_TO_OLD.items():
        assert f"({new}): new reference" in monday
        assert f"{old}: is {new} now" in monday


def test_of_a_child_who_goes_missing_that_night_people_read_at_once_by_both_references():
    contract = {"mash_city": CONTRACTS["mash_city"]}
    first = as_before(drops(tables_of(*people()), contract, Earlier()))
    gone = [Person("P-1", [mention(), mention("missing:M-1")]), *people()[1:]]
    away = {"mention_key": "missing:M-1", "missing_from": datetime(2022, 6, 15, 20, tzinfo=UTC), "risk": "HIGH"}
    state = tables_of(*gone, as_of=MORNING, missing_episode=rows_of("missing_episode", away))
    outcome = drops(state, contract, after(first, TONIGHT))
    (page,) = [text.decode() for name, text in outcome.files.items() if name.endswith("concern.html")]
    assert f"({record_ref('31', 'P-1')}): new reference" in page
    assert record_ref("31", "P-3") not in page


def test_what_is_wrong_is_put_right_by_the_old_reference_where_no_file_is_due():
    contract = {"share_btp": CONTRACTS["share_btp"]}
    first = as_before(drops(tables_of(*people()), contract, Earlier(), frozenset({"share_btp"})))
    corrected = [Person("P-1", [mention(surname="Ashbury")]), *people()[1:]]
    second = drops(tables_of(*corrected, as_of=MORNING), contract, after(first, TONIGHT))
    assert [(row["record_ref"], row["kind"]) for row in second.notice] == [(former_ref("P-1"), "CORRECTED")]
    assert {row["record_ref"] for row in second.holding} == set(NEW_TO_OLD.values())


def test_a_child_who_is_restricted_that_night_ends_by_the_reference_that_the_partner_holds():
    partner, outcome = two_nights("mash_city", people(restricted=True))
    assert partner.ended == {former_ref("P-2"): "UPDATE"}
    assert {row["record_ref"] for row in outcome.holding if row["ending"]} == {former_ref("P-2")}


def test_two_forces_never_have_one_reference():
    assert record_ref("31", "P-1") != record_ref("33", "P-1")
    assert record_ref("31", "P-1").startswith("CL-31-")
    assert record_ref("31", "P-1")[6:] != record_ref("33", "P-1")[6:]
    assert rows_of("holding", {"record_ref": record_ref("33", "P-1")})
