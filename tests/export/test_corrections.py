"""What a recipient hears when something that it holds is wrong or may no longer be held."""

import json
from datetime import date, timedelta

import pytest

from tests.export.a_force import TONIGHT, Person, after, known, mention, night, report, rows_of

TOMORROW = TONIGHT + timedelta(days=1)


def child(*mentions, **given):
    return Person("P-1", list(mentions) or [mention()], given)


def next_night(before, then, name="mash_city", **tables):
    """The second of two nights."""
    first = night(before, name, full=(name,))
    assert first.holding
    return night(known(*then, as_of=TOMORROW, **tables), name, earlier=after(first, TONIGHT))


def notices(outcome):
    """What the night's notices ask for: kind, action, right values without the accuracy block."""
    files = [content for name, content in outcome.files.items() if name.endswith("corrections.json")]
    rows = [row for content in files for row in json.loads(content)["notices"]]
    return [
        (row["kind"], row["action_requested"], {k: v for k, v in row["correct_values"].items() if k != "accuracy"})
        for row in rows
    ]


def test_a_wrong_name_is_put_right_and_the_files_that_had_it_are_named():
    outcome = next_night(known(child()), [child(mention(surname="Ashbury"))])
    assert notices(outcome) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]
    [row] = outcome.notice
    assert row["ack_due"] == TOMORROW + timedelta(days=5)
    assert json.loads(outcome.files[f"mash_city/{row['file']}"])["notices"][0]["files_affected"] == [
        "mash_city_20220615_000001_notices_of_concern.json"
    ]


def test_what_is_new_is_in_the_drop_and_is_no_correction():
    outcome = next_night(known(child()), [child(mention(), mention("intel:31/2022/000002#1", school="Elm Academy"))])
    assert notices(outcome) == []
    assert [row["operation"] for row in outcome.disclosure] == ["UPDATE", "UPDATE"]


def test_a_front_door_hears_that_a_child_moved_and_is_never_asked_to_stop():
    outcome = next_night(
        known(child(state="PROPOSED")), [child(mention(local_authority="E08000025"), state="PROPOSED")]
    )
    ((kind, action, values),) = notices(outcome)
    assert (kind, action, values["local_authority"]) == ("CORRECTED", "RECTIFY", "E08000025")


@pytest.mark.parametrize(
    ("change", "kind", "action"),
    [
        ({"restricted": True}, "RESTRICTED", "RESTRICT"),
        ({"disputed": True}, "RESTRICTED", "RESTRICT"),
        ({"data_subject_category": "SUSPECT"}, "WITHDRAWN", "RESTRICT"),
        ({"date_of_birth": date(2004, 6, 16)}, "AGED_OUT", "RESTRICT"),
        ({"state": "REMOVED", "removal_reason": "ENTERED_IN_ERROR"}, "WITHDRAWN", "ERASE"),
        ({"identified_on": None}, "WITHDRAWN", "ERASE"),
    ],
)
def test_a_record_that_may_no_longer_be_held_ends_with_a_notice(change, kind, action):
    outcome = next_night(known(child(state="PROPOSED")), [child(**{"state": "PROPOSED", **change})])
    assert notices(outcome) == [(kind, action, {})]
    assert outcome.holding == []


def test_a_declined_child_is_withdrawn_from_pnd_and_the_safeguarding_referral_stands():
    proposed, declined = child(state="PROPOSED"), child(state="DECLINED")
    assert notices(next_night(known(proposed), [declined], "pnd")) == [("WITHDRAWN", "ERASE", {})]
    stands = next_night(known(proposed), [declined])
    assert stands.files == {}
    assert len(stands.holding) == 1


def test_a_referral_that_stands_is_still_put_right_and_told_nothing_new():
    wrong = mention(surname="Ashbury")
    newer = mention("intel:31/2022/000002#1", surname="Ashbury", school="Elm Academy")
    outcome = next_night(known(child(state="PROPOSED")), [child(wrong, newer, state="DECLINED")])
    assert notices(outcome) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]
    assert not any(b"Elm Academy" in content for content in outcome.files.values())


def test_an_unsettled_18th_birthday_lets_a_referral_stand_and_takes_the_child_off_lists():
    turned = child(date_of_birth=date(2004, 6, 16), age_presumed=True)
    before = known(child(date_of_birth=date(2004, 6, 16), age_presumed=True))
    assert next_night(before, [turned]).files == {}
    assert notices(next_night(before, [turned], "share_city")) == [("AGE_UNSETTLED", "RESTRICT", {})]


def test_a_correction_does_not_wait_for_the_next_monthly_list():
    outcome = next_night(known(child()), [child(mention(surname="Ashbury"))], "share_city")
    assert {row["kind"] for row in outcome.outgoing} == {"NOTICE", "MANIFEST"}
    assert notices(outcome) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]
    assert json.loads(outcome.holding[0]["content"])["surname"] == "Ashbury"


def test_a_report_that_is_withdrawn_is_taken_back_where_it_was_counted():
    second = mention("intel:31/2022/000002#1")
    gone = {**second, "withdrawn": True}
    outcome = next_night(known(child(mention(), second)), [child(mention(), gone)])
    [(kind, action, values)] = notices(outcome)
    assert (kind, action, values["report_count"]) == ("CORRECTED", "RECTIFY", 1)


def test_a_report_that_is_graded_anew_is_told_to_who_had_its_grade():
    graded = report(grade="1AP")
    outcome = next_night(known(child()), [child()], reports=[graded])
    [corrections] = [json.loads(outcome.files[name]) for name in outcome.files if name.endswith("corrections.json")]
    assert corrections["notices"][0]["correct_values"]["accuracy"]["grades"] == ["3X5X2 1AP"]


def test_a_child_whose_only_report_becomes_covert_is_withdrawn():
    covert = report(grade="2BC", handling="C", handling_conditions="x", action_code="A1")
    outcome = next_night(known(child()), [child()], reports=[covert])
    assert notices(outcome) == [("WITHDRAWN", "ERASE", {})]


def test_of_two_records_that_are_one_child_the_reference_that_stands_is_told():
    one, other = mention(), mention("intel:31/2022/000002#1", given_names="Kye")
    merged = rows_of(
        "person_id", {"person_id": "P-2", "founding_mention_key": "x", "minted_on": TONIGHT, "merged_into": "P-1"}
    )
    before = known(Person("P-1", [one]), Person("P-2", [other]))
    outcome = next_night(before, [Person("P-1", [one, other])], "share_city", person_id=merged)
    row = next(row for row in outcome.notice if row["kind"] == "MERGED")
    assert (row["person_id"], row["action"]) == ("P-2", "RECTIFY")
    assert {row["person_id"] for row in outcome.holding} == {"P-1"}


def test_after_a_false_merge_the_record_is_replaced_as_a_whole():
    one, other = mention(), mention("intel:31/2022/000002#1", given_names="Kye", school="Elm Academy")
    split = rows_of(
        "person_event", {"person_id": "P-1", "other_person_id": "P-2", "kind": "SPLIT", "happened_on": TOMORROW}
    )
    after_split = [Person("P-1", [one]), Person("P-2", [other])]
    outcome = next_night(known(Person("P-1", [one, other])), after_split, person_event=split)
    [(kind, action, values)] = notices(outcome)
    assert (kind, action) == ("MERGE_ERROR", "RECTIFY")
    assert (values["given_names"], values["school"]) == ("Kai", None)
    assert {row["person_id"] for row in outcome.holding} == {"P-1", "P-2"}


def test_a_restricted_child_is_told_again_when_the_restriction_is_lifted():
    first = night(known(child()), "mash_city")
    second = night(known(child(restricted=True), as_of=TOMORROW), "mash_city", earlier=after(first, TONIGHT))
    third = night(known(child(), as_of=TOMORROW + timedelta(days=1)), "mash_city", earlier=after(second, TOMORROW))
    assert {row["operation"] for row in third.disclosure} == {"CREATE"}
    assert ([row["kind"] for row in second.notice], third.notice) == (["RESTRICTED"], [])


def test_a_notice_holds_no_name_where_it_asks_to_erase_or_restrict():
    outcome = next_night(known(child()), [child(restricted=True)])
    assert not any(b"Ashby" in content or b"Kai" in content for content in outcome.files.values())
