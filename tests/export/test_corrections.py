"""What a recipient hears when something that it holds is wrong or may no longer be held."""

import json
from datetime import date, timedelta

import pytest

from expectations.endings import UNDER_REVIEW
from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, night, report, rows_of, tables_of
from transforms.export.records import record_ref
from transforms.export.wrong import Judge

TOMORROW = TONIGHT + timedelta(days=1)


def child(*mentions, **given):
    return Person("P-1", list(mentions) or [mention()], given)


def next_night(before, then, name="mash_city", **tables):
    """The second of two nights."""
    first = night(before, name, full=(name,))
    assert first.holding
    return night(tables_of(*then, as_of=TOMORROW, **tables), name, earlier=after(first, TONIGHT))


def notices(outcome):
    """What the night's notices ask for: kind, action, right values without the accuracy block."""
    files = [content for name, content in outcome.files.items() if name.endswith("corrections.json")]
    rows = [row for content in files for row in json.loads(content)["notices"]]
    return [
        (row["kind"], row["action_requested"], {k: v for k, v in row["correct_values"].items() if k != "accuracy"})
        for row in rows
    ]


def test_a_wrong_name_is_put_right_and_the_files_that_had_it_are_named():
    outcome = next_night(tables_of(child()), [child(mention(surname="Ashbury"))])
    assert notices(outcome) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]
    [row] = outcome.notice
    assert row["ack_due"] == TOMORROW + timedelta(days=5)
    assert json.loads(outcome.files[f"mash_city/{row['file']}"])["notices"][0]["files_affected"] == [
        "31_mash_city_20220615_000001_notices_of_concern.json"
    ]


def test_what_is_new_is_in_the_drop_and_is_no_correction():
    outcome = next_night(
        tables_of(child()), [child(mention(), mention("intel:31/2022/000002#1", school="Elm Academy"))]
    )
    assert notices(outcome) == []
    assert [row["operation"] for row in outcome.disclosure] == ["UPDATE"]


def test_a_front_door_hears_that_a_child_moved_and_is_never_asked_to_stop():
    outcome = next_night(
        tables_of(child(state="PROPOSED")), [child(mention(local_authority="E08000025"), state="PROPOSED")]
    )
    ((kind, action, values),) = notices(outcome)
    assert (kind, action, values["local_authority"]) == ("CORRECTED", "RECTIFY", "E08000025")


def endings(outcome):
    """What the night's drop says of records that end: operation, kind, action."""
    files = [json.loads(content) for name, content in outcome.files.items() if name.endswith(".json")]
    rows = [row for file in files for row in file.get("records", []) if row["operation"] in ("DELETE", "ENDED")]
    return [(row["operation"], row.get("ending", {}).get("kind"), row.get("ending", {}).get("action")) for row in rows]


AT_ONCE = [
    ({"restricted": True}, "UNDER_REVIEW", "UPDATE"),
    ({"disputed": True}, "UNDER_REVIEW", "UPDATE"),
    ({"data_subject_category": "SUSPECT"}, "UNDER_REVIEW", "UPDATE"),
    ({"state": "REMOVED", "removal_reason": "ENTERED_IN_ERROR"}, "WITHDRAWN", "ERASE"),
    ({"state": "REMOVED", "removal_reason": "DECEASED"}, "DECEASED", "UPDATE"),
    ({"identified_on": None}, "WITHDRAWN", "ERASE"),
]
WITH_THE_NEXT_FILE = [
    ({"date_of_birth": date(2004, 6, 16)}, "AGED_OUT"),
    ({"local_authority": "COUNTY"}, "MOVED"),
    ({"state": "REMOVED", "removal_reason": "MOVED_AREA"}, "MOVED"),
    ({"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"}, "REMOVED"),
    ({"state": "DECLINED"}, "REMOVED"),
]


@pytest.mark.parametrize(("change", "kind", "action"), AT_ONCE)
def test_what_was_wrong_or_is_under_review_is_told_at_once(change, kind, action):
    outcome = next_night(tables_of(child(state="PROPOSED")), [child(**{"state": "PROPOSED", **change})])
    assert notices(outcome) == [(kind, action, {})]
    assert len(outcome.holding) == (action != "ERASE")


@pytest.mark.parametrize(("change", "kind"), WITH_THE_NEXT_FILE)
def test_a_safeguarding_partner_hears_what_changed_with_its_next_file_and_keeps_its_case(change, kind):
    outcome = next_night(tables_of(child(state="PROPOSED")), [child(**{"state": "PROPOSED", **change})])
    assert (notices(outcome), endings(outcome)) == ([], [("ENDED", kind, "UPDATE")])
    [kept] = outcome.holding
    assert (kept["ending"], kept["action"]) == (kind, "UPDATE")
    assert b"stop" not in b"".join(outcome.files.values()).lower()


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_nothing_that_a_recipient_hears_tells_a_suspect_from_a_restriction_or_a_dispute(name):
    told = {CONTRACTS[name].endings[reason] for reason in ("SUSPECT", "RESTRICTED", "DISPUTED")}
    assert len(told) == 1
    others = {(e.kind, e.action) for why, e in CONTRACTS[name].endings.items() if why not in UNDER_REVIEW}
    assert not others & {(one.kind, one.action) for one in told}


@pytest.mark.parametrize(
    "name", ["mash_city", "barnardos", "btp", "pnd", "sca", "ccep", "share_city", "neighbourhood_city_north"]
)
def test_the_files_about_a_child_who_became_a_suspect_are_those_about_one_who_is_restricted_or_disputed(name):
    line = rows_of("line", {"line_ref": "L1", "line_name": "Jay", "kind": "IDENTIFIED", "owner_force": "31"})
    friend = Person("P-2", [mention("intel:31/2022/000003#1", surname="Moss", line_ref="L1")])
    before = tables_of(child(mention(line_ref="L1")), friend, line=line)
    suspect, *others = [
        next_night(before, [child(mention(line_ref="L1"), **change), friend], name, line=line).files
        for change in ({"data_subject_category": "SUSPECT"}, {"restricted": True}, {"disputed": True})
    ]
    assert suspect
    assert others == [suspect, suspect]


@pytest.mark.parametrize("name", ["mash_city", "mash_county", "barnardos"])
def test_nobody_with_a_duty_to_protect_is_told_to_stop_protecting(name):
    right_to_erase = ("ENTERED_IN_ERROR", "WITHDRAWN", "UNSHARED")
    table = {why: one for why, one in CONTRACTS[name].endings.items() if why not in right_to_erase}
    assert {one.action for one in table.values()} == {"UPDATE", "STANDS"}
    assert not any("use it for nothing" in one.says or "Erase" in one.says for one in table.values())


@pytest.mark.parametrize("name", ["pnd", "btp"])
@pytest.mark.parametrize("reason", ["ADULT", "REMOVED", "MOVED", "DECLINED", "DECEASED"])
def test_a_national_record_becomes_history_and_is_erased_only_where_it_was_wrong(name, reason):
    table = CONTRACTS[name].endings
    assert table[reason].action == "HISTORIC"
    assert {why for why, one in table.items() if one.action == "ERASE"} == {"ENTERED_IN_ERROR", "WITHDRAWN", "UNSHARED"}


def test_history_has_a_day_on_which_it_is_looked_at_again():
    removed = child(state="REMOVED", removal_reason="MOVED_AREA")
    outcome = next_night(tables_of(child()), [removed], "pnd")
    assert notices(outcome) == []
    [xml] = [content.decode() for name, content in outcome.files.items() if name.endswith("delta.xml")]
    assert 'operation="ENDED"' in xml
    assert 'action="HISTORIC"' in xml
    assert 'reviewOn="2028-06-16"' in xml
    assert [(row["ending"], row["action"]) for row in outcome.holding] == [("MOVED", "HISTORIC")]


def test_an_ending_is_told_once_and_a_full_tells_it_again_so_that_the_record_is_kept():
    removed = child(state="REMOVED", removal_reason="OTHER")
    second = next_night(tables_of(child()), [removed])
    third_day, fourth_day = TOMORROW + timedelta(days=1), TOMORROW + timedelta(days=2)
    third = night(tables_of(removed, as_of=third_day), "mash_city", earlier=after(second, TOMORROW))
    assert third.files == {}
    fourth = night(
        tables_of(removed, as_of=fourth_day), "mash_city", earlier=after(third, third_day), full=("mash_city",)
    )
    assert endings(fourth) == [("ENDED", "REMOVED", "UPDATE")]


def test_a_child_who_died_is_told_first_and_to_everybody_who_holds_the_child():
    names = ("mash_city", "barnardos", "btp", "pnd", "sca", "ccep", "share_city", "neighbourhood_city_north")
    others = [Person(f"P-{n}", [mention(f"intel:31/2022/00000{n}#1", surname=f"Moss{n}")]) for n in (2, 3)]
    first = night(tables_of(child(), *others), *names, full=names)
    died = child(state="REMOVED", removal_reason="DECEASED")
    others[0].given["restricted"] = True
    others[1].given |= {"state": "REMOVED", "removal_reason": "ENTERED_IN_ERROR"}
    second = night(tables_of(died, *others, as_of=TOMORROW), *names, earlier=after(first, TONIGHT))
    files = {name: json.loads(second.files[name]) for name in second.files if name.endswith("corrections.json")}
    assert len(files) == len(names)
    for file in files.values():
        assert [row["kind"] for row in file["notices"]] == ["DECEASED", "WITHDRAWN", "UNDER_REVIEW"]
        assert "died" in file["notices"][0]["reason"]
        assert [bool(row["name"]) for row in file["notices"]] == [True, False, False]


def test_a_referral_that_stands_is_still_put_right_and_told_nothing_new():
    wrong = mention(surname="Ashbury")
    newer = mention("intel:31/2022/000002#1", surname="Ashbury", school="Elm Academy")
    outcome = next_night(tables_of(child(state="PROPOSED")), [child(wrong, newer, state="DECLINED")])
    assert notices(outcome) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]
    assert not any(b"Elm Academy" in content for content in outcome.files.values())


def test_an_unsettled_18th_birthday_lets_a_referral_stand_and_takes_the_child_off_lists():
    turned = child(date_of_birth=date(2004, 6, 16), age_presumed=True)
    before = tables_of(child(date_of_birth=date(2004, 6, 16), age_presumed=True))
    assert next_night(before, [turned]).files == {}
    later = next_night(before, [turned], "share_city")
    assert (later.files, len(later.holding)) == ({}, 1), "the next list is without the child"


def test_a_correction_does_not_wait_for_the_next_monthly_list():
    outcome = next_night(tables_of(child()), [child(mention(surname="Ashbury"))], "share_city")
    assert {row["kind"] for row in outcome.outgoing} == {"NOTICE", "MANIFEST"}
    assert notices(outcome) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]
    assert json.loads(outcome.holding[0]["content"])["surname"] == "Ashbury"


def test_of_a_record_that_goes_with_tonights_list_nothing_is_corrected_that_the_list_has_no_more():
    listed = night(tables_of(child()), "share_city", full=("share_city",))
    gone = tables_of(child(mention(surname="Ashbury"), state="REMOVED", removal_reason="MOVED_AREA"), as_of=TOMORROW)
    with_a_list = night(gone, "share_city", earlier=after(listed, TONIGHT), full=("share_city",))
    assert (notices(with_a_list), with_a_list.holding) == ([], [])
    before_one = night(gone, "share_city", earlier=after(listed, TONIGHT))
    assert notices(before_one) == [("CORRECTED", "RECTIFY", {"surname": "Ashbury"})]


def test_a_list_that_is_not_due_keeps_what_its_reader_was_told_of_a_record():
    listed = night(tables_of(child()), "share_city", full=("share_city",))
    restricted = night(tables_of(child(restricted=True), as_of=TOMORROW), "share_city", earlier=after(listed, TONIGHT))
    assert [row["action"] for row in restricted.holding] == ["RESTRICT"]
    then = TOMORROW + timedelta(days=1)
    moved = tables_of(child(state="REMOVED", removal_reason="MOVED_AREA"), as_of=then)
    later = night(moved, "share_city", earlier=after(restricted, TOMORROW))
    assert [row["action"] for row in later.holding] == ["RESTRICT"], "it was told nothing else yet"


def test_a_report_that_is_withdrawn_is_taken_back_where_it_was_counted():
    second = mention("intel:31/2022/000002#1")
    gone = {**second, "withdrawn": True}
    outcome = next_night(tables_of(child(mention(), second)), [child(mention(), gone)])
    [(kind, action, values)] = notices(outcome)
    assert (kind, action, values["report_count"]) == ("CORRECTED", "RECTIFY", 1)


def test_a_report_that_is_graded_anew_is_told_to_who_had_its_grade():
    graded = report(grade="1AP")
    outcome = next_night(tables_of(child()), [child()], reports=[graded])
    [corrections] = [json.loads(outcome.files[name]) for name in outcome.files if name.endswith("corrections.json")]
    assert corrections["notices"][0]["correct_values"]["accuracy"]["grades"] == ["3X5X2 1AP"]


def test_a_child_whose_only_report_becomes_covert_is_withdrawn():
    covert = report(grade="2BC", handling="C", handling_conditions="x", action_code="A1")
    outcome = next_night(tables_of(child()), [child()], reports=[covert])
    assert notices(outcome) == [("WITHDRAWN", "ERASE", {})]


def test_of_two_records_that_are_one_child_the_reference_that_stands_is_told_with_the_next_file():
    one, other = mention(), mention("intel:31/2022/000002#1", given_names="Kye")
    merged = rows_of(
        "person_id", {"person_id": "P-2", "founding_mention_key": "x", "minted_on": TONIGHT, "merged_into": "P-1"}
    )
    before = tables_of(Person("P-1", [one]), Person("P-2", [other]))
    outcome = next_night(before, [Person("P-1", [one, other])], person_id=merged)
    assert notices(outcome) == []
    [read] = [json.loads(content) for name, content in outcome.files.items() if name.endswith("concern.json")]
    [gone] = [row for row in read["records"] if row["operation"] == "DELETE"]
    assert (gone["record_ref"], gone["merged_into"]) == (record_ref("31", "P-2"), record_ref("31", "P-1"))
    assert {row["person_id"] for row in outcome.holding} == {"P-1"}


def test_a_record_merged_into_a_child_who_is_restricted_since_is_under_review_as_well():
    one, other = mention(), mention("intel:31/2022/000002#1", given_names="Kye")
    merged = rows_of(
        "person_id", {"person_id": "P-2", "founding_mention_key": "x", "minted_on": TONIGHT, "merged_into": "P-1"}
    )
    before = tables_of(Person("P-1", [one]), Person("P-2", [other]))
    outcome = next_night(before, [Person("P-1", [one, other], {"restricted": True})], person_id=merged)
    assert [kind for kind, _, _ in notices(outcome)] == ["UNDER_REVIEW", "UNDER_REVIEW"]


def test_after_a_false_merge_the_record_is_replaced_as_a_whole():
    one, other = mention(), mention("intel:31/2022/000002#1", given_names="Kye", school="Elm Academy")
    split = rows_of(
        "person_event", {"person_id": "P-1", "other_person_id": "P-2", "kind": "SPLIT", "happened_on": TOMORROW}
    )
    after_split = [Person("P-1", [one]), Person("P-2", [other])]
    outcome = next_night(tables_of(Person("P-1", [one, other])), after_split, person_event=split)
    [(kind, action, values)] = notices(outcome)
    assert (kind, action) == ("MERGE_ERROR", "RECTIFY")
    assert (values["given_names"], values["school"]) == ("Kai", None)
    assert {row["person_id"] for row in outcome.holding} == {"P-1", "P-2"}


def test_a_restricted_child_is_told_again_when_the_restriction_is_lifted():
    first = night(tables_of(child()), "mash_city")
    second = night(tables_of(child(restricted=True), as_of=TOMORROW), "mash_city", earlier=after(first, TONIGHT))
    third = night(tables_of(child(), as_of=TOMORROW + timedelta(days=1)), "mash_city", earlier=after(second, TOMORROW))
    assert {row["operation"] for row in third.disclosure} == {"UPDATE"}
    assert ([row["kind"] for row in second.notice], third.notice) == (["UNDER_REVIEW"], [])
    assert [row["ending"] for row in third.holding] == [None]


def test_a_notice_holds_no_name_where_it_asks_to_erase_or_restrict():
    outcome = next_night(tables_of(child()), [child(restricted=True)])
    assert not any(b"Ashby" in content or b"Kai" in content for content in outcome.files.values())


OLDER, NEWER = mention(address="1 Elm Road", postcode="NG1 1AA"), "intel:31/2022/000002#1"


@pytest.mark.parametrize(
    ("field", "was", "now"),
    [
        ("address", "1 Elm Road", "9 Oak Lane"),
        ("postcode", "NG1 1AA", "NG7 2BB"),
        ("telephone", "+447700900123", "+447700900456"),
        ("school", "Elm Academy", "Oak College"),
        ("surname", "Ashby", "Ashbury"),
    ],
)
def test_what_moved_on_is_news_and_what_a_record_no_longer_says_was_wrong(field, was, now):
    told = mention(**{field: was})
    moved = next_night(tables_of(child(told)), [child(told, mention(NEWER, **{field: now}))])
    assert notices(moved) == []
    assert [row["operation"] for row in moved.disclosure] == ["UPDATE"]
    corrected = next_night(tables_of(child(told)), [child(mention(**{field: now}))])
    assert notices(corrected) == [("CORRECTED", "RECTIFY", {field: now})]


def test_a_value_whose_only_record_may_not_be_shared_any_more_is_taken_back():
    told = mention(NEWER, school="Elm Academy")
    covert = report("31/2022/000002", grade="2BC", handling="C", handling_conditions="x", action_code="A1")
    outcome = next_night(tables_of(child(mention(), told)), [child(mention(), told)], reports=[covert])
    [(kind, _, values)] = notices(outcome)
    assert (kind, values["school"]) == ("CORRECTED", None)


def test_whether_a_value_is_still_said_is_asked_of_the_records_alone_that_say_it(monkeypatch):
    asked, may = [], Judge._may
    monkeypatch.setattr(Judge, "_may", lambda judge, one: asked.append(one["mention_key"]) or may(judge, one))
    told, later = mention(school="Elm Academy"), mention(NEWER, school="Oak College")
    assert notices(next_night(tables_of(child(told)), [child(told, later)])) == []
    assert set(asked) == {told["mention_key"]}


def test_an_age_a_later_report_and_a_link_are_news():
    line = rows_of("line", {"line_ref": "L1", "line_name": "Jay", "kind": "IDENTIFIED", "owner_force": "31"})
    first = [child(mention(line_ref="L1"), date_of_birth=date(2007, 6, 16))]
    friend = Person("P-2", [mention("intel:31/2022/000003#1", surname="Moss", line_ref="L1")])
    later = child(mention(line_ref="L1"), mention(NEWER), date_of_birth=date(2007, 6, 16))
    outcome = next_night(tables_of(*first, line=line), [later, friend], "ccep", line=line)
    assert notices(outcome) == []


def test_another_date_of_birth_was_always_the_right_one():
    other = mention(NEWER, date_of_birth=date(2008, 3, 9))
    outcome = next_night(tables_of(child()), [child(mention(), other)])
    [(kind, _, values)] = notices(outcome)
    assert (kind, values["date_of_birth"], "age" in values) == ("CORRECTED", "2008-03-09", True)
