"""A feed is one file: what it says is what the night lands, reads and names."""

import re

import pytest

from expectations.contracts import contract, tables
from expectations.feeds import FEEDS, INBOX, SOURCES, FeedError, parse
from transforms.report.wording import label, source_record

EXCLUSIONS = """
label: School exclusion
origin: a school
prefix: exclusion
table: exclusion
question: Who was excluded from school?
key: exclusion_ref
day: excluded_on
formats: [csv]
columns:
  exclusion_ref: key
  surname: person
  excluded_on: {read: day, required: true}
  term: {read: code, values: [AUTUMN, SPRING, SUMMER]}
  seen_at: {place: true, free_text: true}
"""


def test_a_file_is_named_for_its_feed_and_its_day() -> None:
    pattern = parse("exclusions", EXCLUSIONS).file_pattern
    assert re.fullmatch(pattern, "exclusions_20220302.csv")
    for other in (
        "exclusions_20220302.json",
        "exclusions_2022.csv",
        "exclusion_20220302.csv",
        "exclusions_٢٠٢٢٠٣٠٢.csv",
    ):
        assert not re.fullmatch(pattern, other)


def test_a_column_says_which_reason_it_stops_a_record_with_and_in_which_words() -> None:
    columns = {column.name: column for column in parse("exclusions", EXCLUSIONS).columns}
    day, term = columns["excluded_on"], columns["term"]
    assert (day.stops, day.reason, day.wrong) == (
        True,
        "EXCLUDED_ON_UNREADABLE",
        "excluded_on is not a date as YYYY-MM-DD.",
    )
    assert (term.stops, term.reason, term.wrong) == (False, "TERM_UNKNOWN", "term is none of AUTUMN, SPRING, SUMMER.")


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("{read: day, required: true}", "", "its day excluded_on has to be a column, read as a day or a moment"),
        ("exclusion_ref: key", "exclusion_ref:", "its key exclusion_ref has to be a column that says so"),
        ("read: code", "read: colour", "term.read must be one of text, texts, code"),
        ("place: true", "place: true, colour: red", "there is no setting seen_at.colour"),
        ("label: School exclusion", "colour: red", "label is missing; there is no setting colour"),
        ("prefix: exclusion", "", "prefix is missing"),
        ("formats: [csv]", "formats: csv", "formats must be a list"),
        ("prefix: exclusion", "prefix:", "prefix must be text"),
        ("prefix: exclusion", 'prefix: ""', "a column is needed that is read as record_ref and required"),
        ("surname: person", "", "it has a prefix, and no column names a person"),
        ("surname: person", "surnam: person", "column surnam: no field of a person has this name"),
        ("read: code, ", "", "column term: values go with one of the readings code, opening_status"),
        (", values: [AUTUMN, SPRING, SUMMER]", "", "column term: values go with one of the readings code"),
        ("place: true", "stops: true", "column seen_at: every text can be read, so that nothing stops a record"),
        ("table: exclusion", "table: exclusion\ntable: exclusions", "table stands twice"),
    ],
)
def test_a_feed_of_which_a_part_is_left_out_or_does_nothing_says_where_and_which(
    was: str, now: str, sentence: str
) -> None:
    assert was in EXCLUSIONS
    with pytest.raises(FeedError, match=f"^Feed exclusions: .*{sentence}"):
        parse("exclusions", EXCLUSIONS.replace(was, now, 1))


def test_a_feed_about_a_child_whose_reference_we_gave_names_the_key_of_its_table() -> None:
    text = EXCLUSIONS.replace("prefix: exclusion", 'prefix: ""').replace("surname: person", "")
    about = text.replace("{place: true", "{read: record_ref, required: true").replace(", free_text: true", "")
    with pytest.raises(FeedError, match="exclusion_ref is the key of its table too: `to: exclusion_ref`"):
        parse("exclusions", about)
    assert parse("exclusions", about.replace("exclusion_ref: key", "exclusion_ref: {read: key, to: exclusion_ref}"))


def test_one_reason_has_one_sentence_whichever_feed_it_stops() -> None:
    sentences = {(column.reason, column.wrong) for feed in FEEDS.values() for column in feed.columns if column.wrong}
    said = {(code, wrong.partition(" ")[2]) for code, wrong in sentences}
    assert len({code for code, _ in said}) == len(said)


def test_the_tables_of_every_feed_have_a_contract() -> None:
    for feed in FEEDS.values():
        assert {feed.landed, feed.table} <= set(tables())
        assert [c.name for c in feed.columns] == contract(feed.landed).names[6:]
        assert contract(feed.table).names[0] == ("mention_key" if feed.prefix else feed.key)


def test_every_source_is_named_to_people_and_no_two_have_the_same_keys() -> None:
    named = [source for source in SOURCES.values() if source.prefix]
    assert len({source.prefix for source in named}) == len(named)
    assert all(label(name) == source.label for name, source in SOURCES.items())
    for source in named:
        assert source_record(f"{source.prefix}:X-1") == f"{source.label} X-1"


def test_the_spreadsheet_is_no_file_of_the_inbox() -> None:
    assert set(FEEDS) - set(INBOX) == {"opening"}
