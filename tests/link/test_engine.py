"""An engine that is asked twice compares the same mentions once, and others anew."""

from collections.abc import Iterator

from tests.link.rows import mentions
from transforms.link.model.columns import Columns, columns_of
from transforms.link.model.engine import here, once
from transforms.link.model.score import Scored

ASHBY = {"given_names": "Kai", "surname": "Ashby", "date_of_birth": "2008-05-03"}


def of(*keys: str) -> Columns:
    return columns_of(mentions(*({"key": key, **ASHBY} for key in keys)))


def test_the_same_mentions_are_compared_once_and_others_by_themselves():
    asked = []

    def counted(columns: Columns) -> Iterator[Scored]:
        asked.append(columns.keys.to_pylist())
        return here(columns)

    engine = once(counted)
    two, three = of("m:1", "m:2"), of("m:1", "m:2", "m:3")
    pairs = [sum(map(len, engine(columns))) for columns in (two, two, three)]
    assert pairs == [1, 1, 3]
    assert asked == [["m:1", "m:2"], ["m:1", "m:2", "m:3"]]
