"""Numbers and codes are one number in whatever script their digits are written."""

from datetime import date

import pytest

from transforms.normalise.births import birth_of
from transforms.normalise.codes import age_of
from transforms.normalise.identifiers import pnc_id_of
from transforms.normalise.places import postcode_of
from transforms.normalise.telephones import telephone_of
from transforms.normalise.text import code_text


@pytest.mark.parametrize(
    ("text", "read"),
    [("１２３", "123"), ("٠٧٧٠٠", "07700"), ("०१२", "012"), ("ＮＧ１", "NG1"), ("14½", "141⁄2"), (" 7 ", "7")],
)
def test_a_code_is_read_in_plain_letters_and_digits(text: str, read: str) -> None:
    assert code_text(text) == read


def test_each_number_and_code_is_read_so() -> None:
    assert telephone_of("٠٧٧٠٠٩٠٠١٢٣")[0] == telephone_of("07700900123")[0] == "+447700900123"
    assert postcode_of("ＮＧ５　２ＡＢ").postcode == "NG5 2AB"
    assert pnc_id_of("２０１９/００１２３４５Ｇ")[0] == pnc_id_of("2019/0012345G")[0]
    assert birth_of("２００７-०३-٠٩").day == date(2007, 3, 9)
    assert age_of("１４") == (14, "")
