"""What a recipient's contract says, and that a partner is added by a file."""

from datetime import date

import pytest

from expectations import recipients
from expectations.recipients import RecipientError, parse, parse_all
from expectations.record import FIELDS
from tests.export.a_force import CONTRACTS, SITE, TONIGHT, Person, mention, tables_of
from transforms.export.drops import Earlier, ExportError, drops, shortfalls

NEW_PARTNER = """
title: Riverside Youth Trust
purpose: Offer mentoring to children on the tracker.
legal_basis: DPA 2018 s.35
agreement: {reference: ISA-RYT-1, valid_from: 2022-01-01, valid_to: 2022-12-31}
delivery: {receipts: receipts}
marking: OFFICIAL-SENSITIVE
formats: [csv]
schedule: {every: weekly, weekday: Wednesday}
population: {of: ratified, where: {local_authority: CITY}}
fields: {given_names: initial, surname: exact, date_of_birth: year, postcode: outward}
forbidden: [address, lines]
"""


def test_adding_a_partner_is_adding_a_file(tmp_path):
    (tmp_path / "riverside.yml").write_text(NEW_PARTNER, encoding="utf-8")
    added = {name: one for name, one in recipients.load(tmp_path).items() if name not in CONTRACTS}
    child = Person("P-1", [mention(postcode="NG1 7RG", address="1 Elm Road")])
    outcome = drops(tables_of(child), added, Earlier())
    assert [row["file"] for row in outcome.outgoing] == [
        "31_riverside_20220615_000001_tracker.csv",
        "31_riverside_20220615_000001_manifest.json",
    ]
    sent = outcome.files["riverside/31_riverside_20220615_000001_tracker.csv"].decode("utf-8-sig").splitlines()
    assert sent[0] == (
        '"Record ref","Operation","Given names","Surname","Date of birth","Postcode","Accuracy","As of","Marking"'
    )
    assert sent[1].split(",")[2:6] == ['"K"', '"Ashby"', '"2007"', '"NG1"']
    assert added["riverside"].delivery.connection == "partner_riverside"


def test_a_file_of_the_data_home_replaces_the_one_given(tmp_path):
    (tmp_path / "neighbourhood_ashfield.yml").write_text(NEW_PARTNER, encoding="utf-8")
    assert recipients.load(tmp_path)["neighbourhood_ashfield"].title == "Riverside Youth Trust"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("fields: {surname: exact, mood: exact}", "there is no field mood"),
        ("fields: {lines: exact}", "field lines is both given and forbidden"),
        ("fields: {rail: exact}", "field rail is for police routes only"),
        ("fields: {surname: loud}", "field surname cannot be coarsened to loud"),
        ("population: {of: everyone}", "population.of must be one of identified, ratified"),
        ("population: {ends: {adult: STANDS}}", "endings: ADULT: STANDS is not possible"),
        ("population: {ends: {buried: ERASE}}", "population.ends: buried: ERASE is not possible"),
        ("endings: friendship", "endings: there is no purpose friendship"),
        ("endings: {of: list, LEFT: {action: ERASE}}", "endings: there is no reason LEFT"),
        ("endings: {MOVED: {action: SHRED}}", "endings: MOVED: SHRED is not possible"),
        ("endings: {SUSPECT: {action: ERASE}}", "must be alike, or they tell which child is a suspect"),
        ("file: '{recipient}_{surname}'", "file must use each of date, part, recipient, sequence and nothing else"),
        ("surprise: 1", "there is no setting surprise"),
    ],
)
def test_a_contract_that_cannot_be_kept_is_refused_with_a_sentence(wrong, sentence):
    key = wrong.split(":")[0]
    lines = [line for line in NEW_PARTNER.splitlines() if not line.startswith(f"{key}:")]
    with pytest.raises(RecipientError, match="Contract riverside: ") as refused:
        parse("riverside", "\n".join([*lines, wrong]))
    assert sentence in str(refused.value)


def test_a_contract_of_an_earlier_form_says_what_becomes_of_records_in_four_words():
    one = parse("riverside", NEW_PARTNER.replace("CITY}}", "CITY}, ends: {declined: RESTRICT, moved: ERASE}}"))
    actions = {reason: one.endings[reason].action for reason in ("DECLINED", "MOVED", "NO_ROUTE", "ADULT")}
    assert actions == {"DECLINED": "RESTRICT", "MOVED": "ERASE", "NO_ROUTE": "ERASE", "ADULT": "UPDATE"}


def test_a_contract_changes_single_rows_of_the_table_of_its_purpose():
    one = parse("riverside", NEW_PARTNER + "endings: {of: safeguarding, MOVED: {action: STANDS}}\n")
    assert one.endings["MOVED"].action == "STANDS"
    assert one.endings["REMOVED"] == CONTRACTS["mash_city"].endings["REMOVED"]


def test_a_contract_without_an_agreement_is_refused():
    with pytest.raises(RecipientError, match="agreement is missing"):
        parse("riverside", "\n".join(line for line in NEW_PARTNER.splitlines() if "agreement" not in line))


def test_each_stands_for_several_recipients():
    text = NEW_PARTNER + "each:\n  north: {population: {where: {policing_area: City North}}}\n  south: {}\n"
    north, south = parse_all("areas", text)
    assert north.population.where == {"local_authority": "CITY", "policing_area": "City North"}
    assert (south.name, south.delivery.connection) == ("south", "partner_south")


def test_every_policing_area_has_its_neighbourhood_list():
    areas = {one.population.where.get("policing_area") for one in CONTRACTS.values()}
    assert areas - {None} == set(SITE.policing_areas)


@pytest.mark.parametrize(
    ("lacking", "clause"),
    [
        ("exporter: crystal_ball", "there is no exporter crystal_ball"),
        ("exporter: pnd", "it needs the field age"),
        ("exporter: panel", "it needs settings.panel"),
        ("formats: [xml]", "xml is no format of tracker_share"),
        ("fields: {surname: exact, rag: exact}", "it needs settings.rag"),
    ],
)
def test_a_contract_that_lacks_what_its_form_needs_stops_the_night_with_a_sentence(lacking, clause):
    key = lacking.split(":")[0]
    lines = [line for line in NEW_PARTNER.splitlines() if not line.startswith(f"{key}:")]
    one = parse("riverside", "\n".join([*lines, lacking]))
    with pytest.raises(ExportError, match="Contract riverside cannot be carried out") as refused:
        drops(tables_of(Person("P-1")), {"riverside": one}, Earlier())
    assert clause in str(refused.value)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_each_contract_is_whole(name):
    one = CONTRACTS[name]
    assert shortfalls(one) == []
    assert one.purpose
    assert one.legal_basis
    assert one.agreement.reference
    assert one.fields
    assert one.forbidden
    assert one.is_agreed(TONIGHT)
    assert one.is_agreed(date(2026, 1, 1))
    assert one.delivery.encryption == "openpgp"
    assert set(one.forbidden) <= set(FIELDS)


@pytest.mark.parametrize("name", [name for name, one in CONTRACTS.items() if one.route != "police"])
def test_no_partner_outside_the_police_has_line_names_deal_numbers_or_rail_places(name):
    assert not {"lines", "rail"} & set(CONTRACTS[name].fields)
