"""What partners' files and the spreadsheet say, and which of their records wait for a corrected one."""

from datetime import date, timedelta

import pytest

from expectations.feeds import FEEDS, READS
from tests.normalise.landed import FIRST, NIGHT, btp, missing, nights, opening, outcome, panel, refusal, sca
from transforms.normalise.feeds import READERS, judge, opening_status_of
from transforms.normalise.reasons import REASONS

SECOND = FIRST + timedelta(days=1)
BY_TABLE = {feed.landed: feed for feed in FEEDS.values()}
CASES = [
    ("landed_missing", missing(missing_from="2022-02-28T23:30:00"), "MISSING_FROM_UNREADABLE"),
    ("landed_btp", btp(reported_at=None), "REPORTED_AT_UNREADABLE"),
    ("landed_btp", btp(grade="9ZQ"), "BTP_GRADE_UNREADABLE"),
    ("landed_sca", sca(received_at="soon"), "RECEIVED_AT_UNREADABLE"),
    ("landed_sca", sca(kind="LETTER"), "SCA_KIND_UNKNOWN"),
    ("landed_panel", panel(panel="MACE"), "PANEL_UNKNOWN"),
    ("landed_panel", panel(held_on="2022-02-30"), "HELD_ON_UNREADABLE"),
    ("landed_opening", opening(status="On the list"), "OPENING_STATUS_UNKNOWN"),
    ("landed_opening", opening(date_added="31/02/2021"), "DATE_ADDED_UNREADABLE"),
    ("landed_mash_outcomes", outcome("O-1", record_ref="CL-FFFFFFFFFFFF"), "RECORD_REF_UNKNOWN"),
]


@pytest.mark.parametrize(("table", "record", "reason"), CASES)
def test_each_reason_stops_a_record_alone(table, record, reason):
    assert [stopped.reason_code for stopped in judge(record, BY_TABLE[table], NIGHT)] == [reason]


def test_every_reason_of_a_feed_has_its_case_above_and_its_sentence():
    codes = {column.reason for feed in FEEDS.values() for column in feed.columns if column.stops}
    assert {reason for _, _, reason in CASES} == codes
    assert codes <= set(REASONS)


def test_every_word_of_the_catalogue_has_its_reader_and_no_reader_is_without_a_word():
    assert READERS.keys() == READS.keys()


@pytest.mark.parametrize(
    ("table", "record", "key", "day"),
    [
        ("landed_missing", missing(), "missing:MFH-1", date(2022, 2, 28)),
        ("landed_btp", btp(), "btp:BTP-1", date(2022, 7, 1)),  # 23:30 UTC in summer is the next day in London
        ("landed_sca", sca(), "sca:NRM-1", date(2022, 2, 28)),
        ("landed_panel", panel(), "panel:PAN-1", date(2022, 2, 17)),
        ("landed_opening", opening(), "opening:P1", date(2021, 12, 29)),
    ],
)
def test_a_record_becomes_a_mention_of_a_child_on_its_own_day(table, record, key, day):
    mention = nights({table: [record]})["mention"][key]
    assert (mention["role"], mention["recorded_on"], mention["withdrawn"]) == ("CHILD", day, False)


def test_the_later_files_record_stands_whatever_night_it_came_in():
    late = missing(named_for=FIRST - timedelta(days=3), came=SECOND, risk="LOW")
    known = nights({"landed_missing": [missing(risk="HIGH")]}, {"landed_missing": [late]})
    assert known["missing_episode"]["missing:MFH-1"]["risk"] == "HIGH"


def test_a_later_file_replaces_a_record():
    known = nights(
        {"landed_missing": [missing(surname="Exampel")]},
        {"landed_missing": [missing(named_for=SECOND, came=SECOND, returned_at="2022-03-02T10:00:00+00:00")]},
    )
    assert known["missing_episode"]["missing:MFH-1"]["returned_at"] is not None
    assert known["mention"]["missing:MFH-1"]["surname"] == "Example"
    assert known["mention"]["missing:MFH-1"]["first_landed_on"] == FIRST


def test_of_two_files_read_in_one_night_the_later_stands():
    earlier, later = missing(named_for=FIRST - timedelta(days=1), risk="LOW"), missing(risk="HIGH")
    for order in ([earlier, later], [later, earlier]):
        assert nights({"landed_missing": order})["missing_episode"]["missing:MFH-1"]["risk"] == "HIGH"


def test_a_corrected_record_is_taken_and_released():
    known = nights(
        {"landed_btp": [btp(grade="9ZQ")]},
        {"landed_btp": [btp(named_for=SECOND, came=SECOND)]},
    )
    assert known["quarantine"]["btp_reports", "BTP-1", "BTP_GRADE_UNREADABLE"]["released_on"] == SECOND
    assert known["mention"]["btp:BTP-1"]["first_landed_on"] == SECOND


def test_a_file_sent_again_under_its_name_releases_the_refused_file():
    known = nights(
        {"landed_refusal": [refusal("btp_reports", "btp_reports_20220302.csv", "FILE_IS_NOT_CSV")]},
        {"landed_btp": [btp(came=SECOND)]},
    )
    assert known["quarantine"]["btp_reports", "btp_reports_20220302.csv", "FILE_IS_NOT_CSV"]["released_on"] == SECOND


@pytest.mark.parametrize(
    ("source", "key", "code"),
    [
        ("intelligence", "report_subject.shoe_size", "COLUMN_UNKNOWN"),
        ("decisions", "D7", "DECISION_STAMP_UNREADABLE"),
    ],
)
def test_what_is_told_every_night_is_released_on_the_night_it_is_not_told_any_more(source, key, code):
    signal = {"landed_refusal": [refusal(source, key, code)]}
    assert nights(signal, signal)["quarantine"][source, key, code]["released_on"] is None
    assert nights(signal, {})["quarantine"][source, key, code]["released_on"] == SECOND


def test_an_unreadable_value_beside_the_person_is_left_empty_with_a_warning():
    record = panel(due_on="next week", closed_on="17 March", commissioned_cost="a lot")
    known = nights({"landed_panel": [record]})
    row = known["panel_outcome"]["panel:PAN-1"]
    assert (row["due_on"], row["closed_on"], row["commissioned_cost"]) == (None, None, None)
    warnings = known["mention"]["panel:PAN-1"]["warnings"]
    assert warnings == ["CLOSED_ON_UNREADABLE", "COST_UNREADABLE", "DUE_ON_UNREADABLE"]


@pytest.mark.parametrize("written", ["2022-03-17", "17/03/2022"])
def test_a_panels_days_are_read_as_its_sheet_and_its_people_write_them(written):
    record = panel(held_on="10/03/2022", due_on=written, closed_on=written)
    row = nights({"landed_panel": [record]})["panel_outcome"]["panel:PAN-1"]
    assert (row["held_on"], row["due_on"], row["closed_on"]) == (
        date(2022, 3, 10),
        date(2022, 3, 17),
        date(2022, 3, 17),
    )


@pytest.mark.parametrize(
    ("text", "pounds"), [("450.00", 450.0), ("£1,200", 1200.0), ("1,200.50", 1200.5), ("-5", None)]
)
def test_the_cost_is_pounds(text, pounds):
    known = nights({"landed_panel": [panel(commissioned_cost=text)]})
    assert known["panel_outcome"]["panel:PAN-1"]["commissioned_cost"] == pounds


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Vulnerable to County Lines", "VULNERABLE"),
        ("Open to the County Lines team", "OPEN"),
        ("OPEN", "OPEN"),
        ("Vulnerable, was open", None),
        (None, None),
    ],
)
def test_the_forces_own_words_tell_the_status(words, status):
    assert opening_status_of(words) == status


def test_the_spreadsheets_nominals_and_area_come_with_the_mention():
    entry = opening(source_person_ids="N2; N1;N2", policing_area="City North")
    mention = nights({"landed_opening": [entry], "landed_missing": [missing(source_person_id="N9")]})["mention"]
    assert mention["opening:P1"]["source_person_ids"] == ["N1", "N2"]
    assert (mention["opening:P1"]["home_area"], mention["opening:P1"]["policing_area"]) == ("City North", None)
    assert mention["missing:MFH-1"]["source_person_ids"] == ["N9"]
