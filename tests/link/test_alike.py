"""Are surnames that a typing error explains found, however many pairs are passed over quickly?"""

from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.link.rows import mentions
from transforms.link.model.columns import columns_of
from transforms.link.model.database import computed
from transforms.link.model.score import alike_sql, score
from transforms.link.model.settings import ALIKE_JARO_WINKLER, Surname

LETTERS = st.sampled_from("abno e")
MISTYPED = st.text(LETTERS, min_size=1, max_size=8).map(str.strip).filter(bool)


def judged(words: list[str]) -> dict[tuple[str, str], bool]:
    """Every pair of words with what DuckDB says of it."""
    pairs = sorted(combinations(sorted(words), 2))
    table = pa.table({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]})
    return dict(zip(pairs, computed({"alike": alike_sql("a", "b", ALIKE_JARO_WINKLER)}, table)["alike"], strict=True))


@given(st.lists(MISTYPED, min_size=2, max_size=12, unique=True))
def test_every_pair_of_surnames_is_judged_as_if_each_were_looked_at(surnames: list[str]) -> None:
    columns = columns_of(mentions(*({"key": f"k{n:02d}", "surname": name} for n, name in enumerate(surnames))))
    words = np.array(columns.words.to_pylist())[columns.surname]
    left, right = np.triu_indices(len(words), 1)
    unlike = (words[left] != words[right]) & (columns.surname[left] >= 0) & (columns.surname[right] >= 0)
    left, right = left[unlike], right[unlike]
    found = np.isin(score(columns, left, right).level("surname"), (Surname.ALIKE, Surname.TWO_NAMES))
    expected = judged(sorted(set(words)))
    sides = zip(words[left].tolist(), words[right].tolist(), strict=True)
    assert found.tolist() == [expected[min(pair), max(pair)] for pair in sides]
