"""Which versions of a report are taken, which are ignored by name, and which are stopped, each with its own reason."""

from datetime import timedelta

import pytest

from tests.normalise.landed import FIRST, NIGHT, nights, refusal, report, subject
from transforms.normalise.reasons import REASONS
from transforms.normalise.records import Ignored, Stopped, Taken
from transforms.normalise.reports import RULES, judge

SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
REF, KEY = "31/2022/000001", "intel:31/2022/000001#1"


def reasons(**given):
    return [stopped.reason_code for stopped in judge(report(**given), [], NIGHT)]


def test_an_authorised_flagged_report_is_taken_with_its_subjects():
    taken = judge(report(), [subject(number=2), subject(number=1)], NIGHT)
    assert isinstance(taken, Taken)
    assert [person.head["mention_key"] for person in taken.mentioned] == [KEY, "intel:31/2022/000001#2"]
    assert taken.row["handling"] == "P"


@pytest.mark.parametrize("status", ["DRAFT", "PENDING_AUTH", "REJECTED", "SUPPRESSED"])
def test_a_report_of_another_status_is_ignored_by_the_name_of_its_status(status):
    ignored = judge(report(status=status), [], NIGHT)
    assert isinstance(ignored, Ignored)
    assert ignored.reason_code == status


@pytest.mark.parametrize("flags", ["BURGLARY", None, "COUNTY LINES TRAINING"])
def test_a_report_without_the_flag_is_ignored_as_not_flagged(flags):
    assert judge(report(flags=flags), [], NIGHT).reason_code == "NOT_FLAGGED"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"status": "FILED"}, "STATUS_UNKNOWN"),
        ({"protective_marking": "OFFICIAL-ISH"}, "MARKING_UNKNOWN"),
        ({"source_force": "ZZ"}, "FORCE_UNKNOWN"),
        ({"intelligence_date": "2022-02-30"}, "INTELLIGENCE_DATE_UNREADABLE"),
        ({"intelligence_date": "2022-03-02"}, "INTELLIGENCE_DATE_IN_FUTURE"),
        ({"created_at": "2022-03-01T09:00:00"}, "TIME_UNREADABLE"),
        ({"withdrawn_at": "yesterday"}, "TIME_UNREADABLE"),
        ({"grade_scheme": "4X4X4"}, "GRADE_SCHEME_UNKNOWN"),
        ({"grade": "9ZQ"}, "GRADE_UNREADABLE"),
        ({"grade": "B21"}, "GRADE_UNREADABLE"),
        ({"grade": None}, "GRADE_UNREADABLE"),
        ({"grade_scheme": "5X5X5", "grade": "2BP"}, "GRADE_UNREADABLE"),
        ({"grade": "2BC"}, "CONDITIONS_MISSING"),
        ({"grade": "2BP", "action_code": "A1"}, "CONDITIONS_WITHOUT_C"),
        ({"grade": "2BP", "handling_conditions": "Ask first"}, "CONDITIONS_WITHOUT_C"),
        ({"grade": "2BC", "handling_conditions": "Ask first", "action_code": "A9"}, "ACTION_CODE_UNKNOWN"),
        ({"grade": "2BC", "handling_conditions": "Ask first", "sanitisation_code": "S7"}, "SANITISATION_CODE_UNKNOWN"),
    ],
)
def test_each_reason_stops_a_report_alone(given, reason):
    assert reasons(**given) == [reason]


def test_every_reason_of_a_report_has_its_case_above_and_its_sentence():
    (cases,) = (m.args[1] for m in test_each_reason_stops_a_report_alone.pytestmark)
    assert {reason for _, reason in cases} == set(RULES)
    assert set(RULES) <= set(REASONS)


def test_a_report_with_several_faults_is_stopped_with_all_of_them():
    assert reasons(grade="9ZQ", source_force="ZZ") == ["FORCE_UNKNOWN", "GRADE_UNREADABLE"]


def test_a_version_that_is_no_number_stops_the_report():
    assert judge(report() | {"version": "two"}, [], NIGHT) == [Stopped("intelligence", REF, None, "VERSION_UNREADABLE")]


@pytest.mark.parametrize("grade", ["B21", "A11", "E55"])
def test_a_5x5x5_grade_is_kept_as_it_is(grade):
    taken = judge(report(grade_scheme="5X5X5", grade=grade), [], NIGHT)
    assert (taken.row["grade"], taken.row["handling"]) == (grade, grade[2])


def test_a_subject_of_unknown_role_is_stopped_and_the_others_are_taken():
    known = nights({"landed_report": [report()], "landed_subject": [subject(role="DOG"), subject(number=2)]})
    assert list(known["mention"]) == ["intel:31/2022/000001#2"]
    assert list(known["quarantine"]) == [("intelligence", "31/2022/000001#1", "SUBJECT_ROLE_UNKNOWN")]


def test_a_stopped_subject_is_released_when_a_later_version_gives_the_role():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject(role="DOG")]},
        {"landed_report": [report(version=2, came=SECOND)], "landed_subject": [subject(version=2, came=SECOND)]},
    )
    (row,) = known["quarantine"].values()
    assert (row["first_seen_on"], row["released_on"]) == (FIRST, SECOND)
    assert list(known["mention"]) == [KEY]


def test_a_subject_stopped_again_stays_in_quarantine_and_its_last_good_mention_stands():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject()]},
        {"landed_report": [report(version=2, came=SECOND)], "landed_subject": [subject(version=2, role="?")]},
        {"landed_report": [report(version=3, came=THIRD)], "landed_subject": [subject(version=3, role="?")]},
    )
    (row,) = known["quarantine"].values()
    assert (row["version"], row["released_on"]) == (3, None)
    assert not known["mention"][KEY]["withdrawn"]


def test_an_authority_that_is_none_is_kept_as_written_for_a_person_to_settle():
    people = [subject(local_authority="Leicester  city"), subject(number=2, local_authority=" Shire of Mordor ")]
    people += [subject(number=3, local_authority="county"), subject(number=4, local_authority="e08000025")]
    known = nights({"landed_report": [report()], "landed_subject": people})
    found = {key[-1]: (row["local_authority"], row["warnings"]) for key, row in known["mention"].items()}
    assert found == {
        "1": ("E06000016", []),
        "2": ("Shire of Mordor", ["AUTHORITY_UNKNOWN_CODE"]),
        "3": ("COUNTY", []),
        "4": ("E08000025", []),
    }


def test_an_unreadable_code_of_a_subject_is_left_empty_with_a_warning_and_the_subject_is_taken():
    given = {
        "gender": "Boy",
        "local_authority": "SHIRE",
        "ethnicity": "X9",
        "involvement": "MAYBE",
        "age_stated": "teen",
    }
    known = nights({"landed_report": [report(policing_area="Mordor")], "landed_subject": [subject(**given)]})
    mention = known["mention"][KEY]
    emptied = ("gender", "ethnicity", "involvement", "age_stated", "policing_area")
    assert [mention[name] for name in emptied] == [None] * 5
    assert mention["warnings"] == [
        "AGE_UNREADABLE",
        "AREA_UNKNOWN_CODE",
        "AUTHORITY_UNKNOWN_CODE",
        "ETHNICITY_UNKNOWN_CODE",
        "GENDER_UNKNOWN_CODE",
        "INVOLVEMENT_UNKNOWN_CODE",
    ]


def test_a_withdrawn_report_stays_with_its_mentions_but_supports_nothing():
    withdrawn = report(version=2, came=SECOND, withdrawn_at="2022-03-02T10:00:00+00:00")
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject()]},
        {"landed_report": [withdrawn], "landed_subject": [subject(version=2, came=SECOND)]},
    )
    assert known["mention"][KEY]["withdrawn"]
    assert known["report"][REF]["withdrawn_at"] is not None
    assert known["report"][REF]["not_taken"] is None


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"status": "SUPPRESSED"}, "SUPPRESSED"),
        ({"status": "REJECTED"}, "REJECTED"),
        ({"flags": "DRUGS"}, "NOT_FLAGGED"),
    ],
)
@pytest.mark.parametrize("same_night", [True, False])
def test_a_report_suppressed_or_no_longer_flagged_supports_nothing(given, name, same_night):
    second = report(version=2, came=SECOND, **given)
    if same_night:
        known = nights({"landed_report": [report(), second], "landed_subject": [subject()]})
    else:
        known = nights({"landed_report": [report()], "landed_subject": [subject()]}, {"landed_report": [second]})
    assert known["mention"][KEY]["withdrawn"]
    assert known["mention"][KEY]["version"] == 2
    assert (known["report"][REF]["not_taken"], known["report"][REF]["version"]) == (name, 1)


def test_a_report_authorised_again_supports_again():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject()]},
        {"landed_report": [report(version=2, came=SECOND, status="SUPPRESSED")]},
        {"landed_report": [report(version=3, came=THIRD)], "landed_subject": [subject(version=3, came=THIRD)]},
    )
    assert not known["mention"][KEY]["withdrawn"]
    assert known["report"][REF]["not_taken"] is None


def test_a_report_whose_marking_was_raised_supports_nothing():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject()]},
        {"landed_refusal": [refusal("intelligence", REF, "MARKING_TOO_HIGH", version=2, came=SECOND)]},
    )
    assert known["mention"][KEY]["withdrawn"]
    assert known["quarantine"]["intelligence", REF, "MARKING_TOO_HIGH"]["released_on"] is None


def test_a_late_lower_version_never_replaces_a_higher_one():
    known = nights(
        {"landed_report": [report(version=2)], "landed_subject": [subject(version=2, surname="Later")]},
        {"landed_report": [report(came=SECOND)], "landed_subject": [subject(came=SECOND, surname="Earlier")]},
    )
    assert known["mention"][KEY]["surname"] == "Later"


def test_a_late_lower_version_does_not_bring_back_a_suppressed_report():
    known = nights(
        {"landed_report": [report(version=2, status="SUPPRESSED")]},
        {"landed_report": [report(came=SECOND)], "landed_subject": [subject(came=SECOND)]},
    )
    assert known["mention"][KEY]["withdrawn"]


def test_a_version_that_cannot_be_read_leaves_the_last_good_one_standing_and_shows_in_quarantine():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject()]},
        {"landed_report": [report(version=2, came=SECOND, grade="9ZQ")], "landed_subject": [subject(version=2)]},
    )
    assert (known["report"][REF]["version"], known["mention"][KEY]["withdrawn"]) == (1, False)
    assert known["quarantine"]["intelligence", REF, "GRADE_UNREADABLE"]["released_on"] is None


def test_a_corrected_version_releases_the_report_from_quarantine():
    known = nights(
        {"landed_report": [report(grade="9ZQ")], "landed_subject": [subject()]},
        {"landed_report": [report(version=2, came=SECOND)], "landed_subject": [subject(version=2, came=SECOND)]},
    )
    assert known["quarantine"]["intelligence", REF, "GRADE_UNREADABLE"]["released_on"] == SECOND
    assert known["mention"][KEY]["first_landed_on"] == SECOND


def test_a_good_version_older_than_the_unreadable_one_does_not_release_it():
    known = nights(
        {"landed_report": [report(version=3, grade="9ZQ")], "landed_subject": [subject(version=3)]},
        {"landed_report": [report(version=2, came=SECOND)], "landed_subject": [subject(version=2, came=SECOND)]},
    )
    assert known["report"][REF]["version"] == 2
    assert known["quarantine"]["intelligence", REF, "GRADE_UNREADABLE"]["released_on"] is None


def test_a_subject_that_a_later_version_drops_is_withdrawn_and_not_forgotten():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject(), subject(number=2)]},
        {"landed_report": [report(version=2, came=SECOND)], "landed_subject": [subject(version=2, came=SECOND)]},
    )
    assert [known["mention"][f"intel:{REF}#{number}"]["withdrawn"] for number in (1, 2)] == [False, True]


def test_a_mention_keeps_the_night_and_the_stamp_that_first_knew_it():
    known = nights(
        {"landed_report": [report()], "landed_subject": [subject()]},
        {"landed_report": [report(version=2, came=SECOND)], "landed_subject": [subject(version=2, came=SECOND)]},
    )
    mention = known["mention"][KEY]
    assert (mention["first_landed_on"], mention["landed_on"]) == (FIRST, SECOND)
    assert mention["first_stamp"] == report()["stamp"] < mention["stamp"]


def test_what_is_known_does_not_depend_on_the_nights_that_the_versions_came_in():
    reports = [report(), report(version=2, grade="3EP"), report(version=3, status="SUPPRESSED")]
    subjects = [subject(), subject(number=2), subject(version=2), subject(version=3)]
    at_once = nights({"landed_report": reports, "landed_subject": subjects})
    one_by_one = nights(
        *(
            {"landed_report": [one], "landed_subject": [s for s in subjects if s["version"] == one["version"]]}
            for one in reports
        )
    )
    for mention_key, mention in at_once["mention"].items():
        mine = one_by_one["mention"][mention_key]
        assert {k: v for k, v in mine.items() if "landed" not in k} == {
            k: v for k, v in mention.items() if "landed" not in k
        }
    assert at_once["report"][REF]["not_taken"] == one_by_one["report"][REF]["not_taken"] == "SUPPRESSED"


def test_another_forces_spelling_of_the_flag_comes_from_its_site():
    from dataclasses import replace

    from tests.normalise.landed import SITE

    site = replace(SITE, flag="CL-Exploitation")
    assert list(nights({"landed_report": [report(flags="CL-Exploitation")]}, site=site)["report"]) == [REF]


def test_a_report_that_was_unreadable_and_is_then_suppressed_waits_no_longer():
    known = nights(
        {"landed_report": [report(grade="9ZQ")]},
        {"landed_report": [report(version=2, came=SECOND, status="SUPPRESSED")]},
    )
    assert known["quarantine"]["intelligence", REF, "GRADE_UNREADABLE"]["released_on"] == SECOND
    assert known["report"] == {}
