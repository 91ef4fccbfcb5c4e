"""The worklist goes out as a workbook and comes back as decisions."""

import io
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from connectors.sources.worklist import WorklistError, read_answers
from tests.report import a_night as night
from tests.report.test_page import a_death
from transforms.report.questions import answerable
from transforms.report.worklist import HEADER_ROW, worklists

CONTENTS = night.a_night()
QUESTIONS = {row["review_id"]: row for row in answerable(CONTENTS)}
LATER = "Cannot tell yet: ask again when something new comes"


def worklist(contents) -> bytes:
    return worklists(contents)["worklist.xlsx"]


def sheet_of(content: bytes):
    book = load_workbook(io.BytesIO(content))
    return book, book["Worklist"]


def filled_in(*answers: tuple[str, str, object, str], contents=CONTENTS) -> io.BytesIO:
    """The worklist of a night with answers: question, answer, value, reason."""
    book, sheet = sheet_of(worklist(contents))
    heads = {cell.value: cell.column for cell in sheet[HEADER_ROW]}
    rows = {sheet.cell(number, 1).value: number for number in range(HEADER_ROW + 1, sheet.max_row + 1)}
    for question, *cells in answers:
        for title, value in zip(("Answer", "Value", "Reason"), cells, strict=True):
            sheet.cell(rows[question], heads[title]).value = value
    back = io.BytesIO()
    book.save(back)
    back.seek(0)
    return back


def rows_of(sheet):
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    rows = sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_every_question_that_can_be_answered_is_one_row_by_kind_and_name():
    _, sheet = sheet_of(worklist(CONTENTS))
    listed = [(row["Kind"], row["Child"].partition(",")[0]) for row in rows_of(sheet)]
    assert {row["Question"] for row in rows_of(sheet)} == QUESTIONS.keys()
    assert listed == [
        ("Same person?", "Okafor"),
        ("New case to ratify", "王"),
        ("Age to settle", "Whitlock"),
        ("No standing intelligence", "الأحمد"),
        ("Referral from the Single Competent Authority", "Ní Bhriain"),
        ("Authority or force that hears nothing of a child", "Ní Bhriain"),
    ]


def test_each_row_says_of_whose_area_it_is_and_who_owns_the_task():
    _, sheet = sheet_of(worklist(CONTENTS))
    found = {row["Question"]: (row["Unit"], row["Owner"]) for row in rows_of(sheet)}
    assert found["A:sca:S-1"] == ("Gedling North", "County Lines team")
    assert found["Q-RATIFY000001"] == ("Gedling North", None)


def test_more_rows_than_one_person_works_through_make_a_list_of_each_unit_which_comes_back_like_the_whole():
    assert worklists(CONTENTS).keys() == {"worklist.xlsx"}
    asked = [
        night.review(f"Q-AGE{number:09d}", "age", "intel:31/2022/000901#2", "AGE_UNKNOWN: x", person_id=person)
        for number, person in enumerate((night.OPENED, night.PROPOSED, None) * 68)
    ]
    lists = worklists(night.a_night(review=asked))
    rows = {name: [row["Question"] for row in rows_of(sheet_of(content)[1])] for name, content in lists.items()}
    whole = rows.pop("worklist.xlsx")
    assert list(rows) == ["worklist_gedling_north.xlsx", "worklist_not_known.xlsx"]
    assert sorted(one for found in rows.values() for one in found) == sorted(whole)
    assert len(whole) == 206


def test_a_child_without_a_name_has_the_one_on_the_record_or_is_said_to_have_none():
    asked = [
        night.review("Q-NAMELESS0001", "age", "intel:31/2022/000901#2", "AGE_UNKNOWN: x", person_id="P-0000000010"),
        night.review("Q-NOBODY000001", "age", "opening:0404", "AGE_UNKNOWN: x", person_id=None),
    ]
    _, sheet = sheet_of(worklist(night.a_night(review=asked)))
    names = {row["Question"]: row["Child"] for row in rows_of(sheet)}
    assert names["Q-NAMELESS0001"].startswith("Okafor, ")
    assert names["Q-NOBODY000001"] == "Name not known"


def test_the_list_can_be_filtered_and_sorted_and_each_row_is_as_high_as_its_words():
    _, sheet = sheet_of(worklist(CONTENTS))
    assert not sheet.protection.sheet
    assert sheet.auto_filter.ref == f"A{HEADER_ROW}:O{sheet.max_row}"
    assert all(sheet.row_dimensions[number].height for number in range(HEADER_ROW + 1, sheet.max_row + 1))


def test_each_row_offers_the_answers_of_its_kind_wherever_it_is_sorted_to():
    book, sheet = sheet_of(worklist(CONTENTS))
    (rule,) = sheet.data_validations.dataValidation
    assert f"MATCH($B{HEADER_ROW + 1},Choices!$1:$1,0)" in rule.formula1
    columns = book["Choices"].iter_cols(values_only=True)
    offered = {column[0]: [choice for choice in column[1:] if choice] for column in columns}
    assert {row["Kind"] for row in rows_of(sheet)} <= offered.keys()
    assert offered["Same person?"] == ["Same person", "Different people", LATER]


def test_a_hostile_name_is_text_in_its_cell():
    _, sheet = sheet_of(worklist(CONTENTS))
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(night.SCRIPT in str(cell.value) for cell in cells)


def test_the_same_questions_make_the_same_bytes():
    assert worklist(night.a_night()) == worklist(night.a_night())


def test_answers_come_back_as_decisions_about_the_question_and_nobody_else():
    back = filled_in(
        ("Q-SAME00000001", "Same person", None, "Same school and mother"),
        ("Q-RATIFY000001", "Ratify as Open", None, None),
        ("Q-AGE000000001", "Date of birth, verified", date(2008, 2, 29), "Birth certificate seen"),
        ("A:sca:S-1", "Reviewed and actioned", None, "Visited with the social worker"),
    )
    read = read_answers(back, QUESTIONS, CONTENTS.stamp)
    assert read.refused == []
    by_question = {row["review_id"]: row for row in read.decisions}
    same = by_question["Q-SAME00000001"]
    assert (same["action"], same["mention_key"], same["other_mention_key"]) == (
        "LINK",
        "intel:31/2022/000100#1",
        "intel:31/2022/000901#2",
    )
    assert (by_question["Q-RATIFY000001"]["action"], by_question["Q-RATIFY000001"]["value"]) == ("RATIFY", "OPEN")
    age = by_question["Q-AGE000000001"]
    assert (age["action"], age["value"], age["reason_code"]) == ("SET_DOB", "2008-02-29", "VERIFIED")
    assert by_question["A:sca:S-1"]["action"] == "ACTION_DONE"
    assert {row["origin"] for row in read.decisions} == {"worklist"}


def test_a_worklist_without_answers_brings_nothing_back():
    assert read_answers(io.BytesIO(worklist(CONTENTS)), QUESTIONS, CONTENTS.stamp).decisions == []


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (("Q-SAME00000001", "Same person", None, None), "needs a reason"),
        (
            ("Q-SAME00000001", "Maybe", None, "x"),
            f"“Maybe” is no answer here. Possible are: Same person; Different people; {LATER}.",
        ),
        (("Q-AGE000000001", "Date of birth, stated", "31/02/2009", ""), "A date is needed"),
        (("Q-AGE000000001", "Date of birth, stated", None, ""), "A date is needed"),
        (("Q-RATIFY000001", "Ratify as Open", "OPEN", ""), "takes no value"),
        (("Q-RATIFY000001", None, None, "agreed"), "no answer: pick one"),
    ],
)
def test_an_answer_that_lacks_something_is_refused_with_a_sentence_and_stops_no_other(answer, sentence):
    other = "Q-UNSUP0000001"
    read = read_answers(filled_in(answer, (other, "Keep, Open", None, "Seen last week")), QUESTIONS, CONTENTS.stamp)
    assert [row["review_id"] for row in read.decisions] == [other]
    assert len(read.refused) == 1
    assert sentence in read.refused[0]
    assert answer[0] in read.refused[0]


def test_a_question_that_does_not_stand_any_more_is_refused():
    back = filled_in(("Q-RATIFY000001", "Ratify as Open", None, None))
    read = read_answers(back, {}, CONTENTS.stamp)
    assert read.decisions == []
    assert "does not stand any more" in read.refused[0]


def moved(back: io.BytesIO, change) -> io.BytesIO:
    """The sheet after somebody changed it by hand: `change` gets the sheet and the row of each question."""
    book = load_workbook(back)
    sheet = book["Worklist"]
    change(sheet, {sheet.cell(number, 1).value: number for number in range(HEADER_ROW + 1, sheet.max_row + 1)})
    again = io.BytesIO()
    book.save(again)
    again.seek(0)
    return again


def give_it_another_number(sheet, rows):
    sheet.cell(rows["Q-RATIFY000001"], 1).value = "Q-UNSUP0000001"


def exchange_two_numbers(sheet, rows):
    one, other = (sheet.cell(rows[name], 1) for name in ("Q-RATIFY000001", "Q-UNSUP0000001"))
    one.value, other.value = other.value, one.value


def write_another_child_into_it(sheet, rows):
    sheet.cell(rows["Q-RATIFY000001"], 3).value = "Beardsley, Kwame"


def move_the_answers_one_row_down(sheet, rows):
    row = rows["Q-RATIFY000001"]
    for column in range(1, 10):
        below, here = sheet.cell(row + 1, column), sheet.cell(row, column)
        below.value, here.value = here.value, below.value


@pytest.mark.parametrize(
    "change",
    [give_it_another_number, exchange_two_numbers, write_another_child_into_it, move_the_answers_one_row_down],
)
def test_a_row_that_is_not_as_it_was_given_out_is_refused(change):
    back = moved(filled_in(("Q-RATIFY000001", "Ratify as Open", None, None)), change)
    read = read_answers(back, QUESTIONS, CONTENTS.stamp)
    assert read.decisions == []
    assert "not as the last night gave it out" in read.refused[0]


def test_a_row_that_is_moved_as_a_whole_is_still_its_question_s():
    def sort_backwards(sheet, rows):
        cells = [[cell.value for cell in sheet[number]] for number in rows.values()]
        for number, values in zip(rows.values(), reversed(cells), strict=True):
            for cell, value in zip(sheet[number], values, strict=True):
                cell.value = value

    back = moved(filled_in(("Q-RATIFY000001", "Ratify as Open", None, None)), sort_backwards)
    assert [row["review_id"] for row in read_answers(back, QUESTIONS, CONTENTS.stamp).decisions] == ["Q-RATIFY000001"]


def test_a_list_of_another_night_or_home_is_refused_row_by_row():
    read = read_answers(filled_in(("Q-RATIFY000001", "Ratify as Open", None, None)), QUESTIONS, "another night")
    assert read.decisions == []
    assert "of an older list or of another home" in read.refused[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("27/03/2029", "27/03/2029 lies ahead"),
        ("2029-03-27", "27/03/2029 lies ahead"),
        ("27/03/1899", "27/03/1899 is more than 110 years ago"),
        ("01/01/0209", "01/01/0209 is more than 110 years ago"),
    ],
)
def test_a_date_of_birth_that_cannot_be_is_refused_where_it_is_handed_in(typed, sentence):
    read = read_answers(filled_in(("Q-AGE000000001", "Date of birth, verified", typed, "")), QUESTIONS, CONTENTS.stamp)
    assert read.decisions == []
    assert sentence in read.refused[0]


def test_a_refused_answer_is_told_without_what_was_typed_as_reason_or_value():
    read = read_answers(
        filled_in(("Q-AGE000000001", "Date of birth, stated", "Daniel O.", "secret")), QUESTIONS, CONTENTS.stamp
    )
    assert "Daniel" not in read.refused[0]
    assert "secret" not in read.refused[0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"Question,Answer\n"])
def test_a_file_that_is_no_workbook_is_one_sentence(content):
    with pytest.raises(WorklistError, match="not an XLSX workbook"):
        read_answers(io.BytesIO(content), QUESTIONS, CONTENTS.stamp)


def test_a_workbook_of_something_else_is_one_sentence(tmp_path):
    Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(WorklistError, match="no sheet Worklist"):
        read_answers(tmp_path / "other.xlsx", QUESTIONS, CONTENTS.stamp)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(WorklistError, match="is not there"):
        read_answers(tmp_path / "none.xlsx", QUESTIONS, CONTENTS.stamp)


def test_where_a_child_died_the_workbook_has_a_sheet_of_whom_to_ring():
    book, _ = sheet_of(worklist(a_death()))
    assert [[cell for cell in row[1:3]] for row in book["Calls"].iter_rows(min_row=3, values_only=True)] == [
        ["Barnardo’s", "1 Nov 2022"],
        ["City MASH", "2 May 2022"],
    ]
    assert "Calls" not in sheet_of(worklist(CONTENTS))[0].sheetnames


A, B = "intel:31/2022/000901#2", "intel:31/2022/000800#1"
WHOSE = night.review(
    "Q-WHICH0000001", "which_person", "intel:31/2022/000100#1", "LIKELY: likely.",
    other_mention_key=A, weights=night.WEIGHTS, rivals=[B], rival_weights=[night.WEIGHTS], match_weight=4.8, settles=3,
)  # fmt: skip


def test_a_record_that_may_be_several_peoples_is_one_row_with_their_letters_and_one_answer():
    contents = night.a_night(review=[WHOSE])
    _, sheet = sheet_of(worklist(contents))
    heads = {cell.value: cell.column for cell in sheet[HEADER_ROW]}
    second = sheet.cell(HEADER_ROW + 1, heads["Second record"]).value.splitlines()
    assert [line[:3] for line in second] == ["A: ", "B: "]
    assert "000901" in second[0]
    assert "000800" in second[1]
    back = filled_in(
        ("Q-WHICH0000001", "The same person as these, and none of the others", "b", "Same mother"), contents=contents
    )
    found = read_answers(back, {row["review_id"]: row for row in answerable(contents)}, contents.stamp)
    assert found.refused == []
    assert [(row["action"], row["other_mention_key"]) for row in found.decisions] == [("SEPARATE", A), ("LINK", B)]
