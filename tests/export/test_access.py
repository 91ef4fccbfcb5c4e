"""The draft answer to a request for access: what is held, from where, and who was told."""

import json
import re
from datetime import date

from lxml import html

from expectations.fields import FIELDS
from tests.export.a_force import CONTRACTS, SITE, TONIGHT, mention
from transforms.export.access import Person, answer

TOLD = {"operation": "CREATE", "agreement": "ISA-1", "fields": ["given_names", "surname"]}
DELETED = {"operation": "DELETE", "agreement": "ISA-1", "fields": []}


def disclosed(recipient, at, told):
    return {"recipient": recipient, "at": at, "detail": json.dumps(told)}


def page(**given):
    person = Person("P-1", given.pop("mentions", [mention()]), **given)
    read = html.fromstring(answer(person, CONTRACTS, SITE, TONIGHT).decode())
    return re.sub(r"\s+", " ", " ".join(read.itertext()))


def test_each_value_is_given_with_the_kinds_of_record_that_say_it_and_never_the_records_reference():
    other = mention("missing:M-1", surname="Ashbury", recorded_on=date(2022, 5, 9))
    said = page(mentions=[mention(), other, mention("intel:31/2022/000007#1", school="Elm Academy", withdrawn=True)])
    assert "Ashbury (a missing episode, last on 2022-05-09)" in said
    assert "Kai (a missing episode, police intelligence, last on 2022-05-09)" in said
    assert "Elm Academy (police intelligence, last on 2022-05-01, withdrawn since)" in said
    assert "31/2022/" not in said


def test_everything_that_records_say_of_the_person_is_given_field_by_field():
    said = page(mentions=[mention(source_person_ids=["N7", "N9"], age_stated=14, involvement="LINKED", role="CHILD")])
    for value in ("N7", "N9", "14", "LINKED", "CHILD"):
        assert f"{value} (police intelligence, last on" in said
    assert [field.label for field in FIELDS.values() if field.access and field.label not in said] == []


def test_each_recipient_is_named_with_its_purpose_and_what_it_was_told_when_under_which_agreement():
    said = page(
        disclosures=[
            disclosed("mash_city", "2022-05-03T04:00:00+00:00", TOLD),
            disclosed("mash_city", "2022-06-01T04:00:00+00:00", DELETED),
            disclosed("a_partner_of_old", "2021-05-03T04:00:00+00:00", TOLD),
        ]
    )
    assert CONTRACTS["mash_city"].title in said
    assert CONTRACTS["mash_city"].legal_basis in said
    assert "2022-05-03 create under ISA-1: given_names, surname" in said
    assert "2022-06-01 delete under ISA-1: no data of the person" in said
    assert "A partner of old" in said


def test_that_nobody_was_told_is_said():
    assert "No disclosure is recorded" in page()


def test_times_on_the_tracker_are_told_with_why_they_ended():
    spells = [
        {"added_on": date(2022, 6, 7), "removed_on": None, "removal_reason": None},
        {"added_on": date(2021, 6, 1), "removed_on": date(2021, 9, 7), "removal_reason": "NO_LONGER_AT_RISK"},
    ]
    said = page(spells=spells)
    assert "From 2021-06-01 to 2021-09-07: NO_LONGER_AT_RISK From 2022-06-07 to now" in said


def test_what_the_law_asks_for_beside_the_data_is_there_and_that_a_person_has_to_read_it_first():
    said = page()
    for part in (
        "A draft for the data protection team",
        "s.45(4)",
        "Legal basis",
        "How long",
        "Information Commissioner",
    ):
        assert part in said
