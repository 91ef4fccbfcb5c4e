"""Who is who in one table of mentions, and how alike are two of them?

For evaluation and for engineers: linkage by itself, without nights, roles or people's decisions.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from expectations.contracts import contract
from transforms.link.blocking import Rows
from transforms.link.columns import Columns, columns_of, pc
from transforms.link.engine import Engine, here
from transforms.link.questions import waterfall
from transforms.link.score import score
from transforms.link.tonight import READ, Linked, link

ANY_NIGHT = date(2000, 1, 1)
PART = 1 << 17  # pairs


def link_alone(mention: pa.Table, engine: Engine = here) -> tuple[pa.Table, Iterator[pa.Table]]:
    """The table `person` of mentions in comparable form, and `pair` in parts; absent columns are not known.

    A mention without a role counts as a child's. Pairs that only a person could decide are the first part, those that
    settle most before the others, and no more of them than `most_asked` allows.
    """
    linked = link(filled(mention), contract("decision").table_of([]), ANY_NIGHT, engine=engine)
    return linked.person, _pairs(linked)


def _pairs(linked: Linked) -> Iterator[pa.Table]:
    """Rows of `pair`; millions of them as whole texts would take more memory than linking them did."""
    agreed = contract("pair")
    asked = linked.same_person_question.select(["mention_key", "other_mention_key", "match_weight", "why"])
    yield agreed.conform(asked.append_column("decision", pa.repeat("ask", asked.num_rows)))
    settled = linked.pair.filter(pc.not_equal(linked.pair["decision"], "ask"))
    for start in range(0, settled.num_rows, PART):
        yield agreed.conform(settled.slice(start, PART))


def explain(mention: pa.Table, mention_key: str, other_mention_key: str) -> list[dict[str, Any]]:
    """Rows of field, level and weight in bits for two mentions of a `mention` table; what is not known is left out.

    The whole table is needed, because a value that many bear weighs less. KeyError where a mention is not in it.
    """
    columns = columns_of(filled(mention))
    left, right = (_row(columns, key) for key in (mention_key, other_mention_key))
    return next(waterfall(columns, score(columns, left, right)))


def _row(columns: Columns, mention_key: str) -> Rows:
    row = columns.keys.index(pa.scalar(mention_key)).as_py()
    if row < 0:
        raise KeyError(mention_key)
    return np.array([row])


def filled(mention: pa.Table) -> pa.Table:
    """The columns that linkage reads, and the values that linkage by itself does not know."""
    schema = contract("mention").schema
    given = {"role": "CHILD", "first_landed_on": ANY_NIGHT, "recorded_on": ANY_NIGHT}
    for name in READ:
        if name not in mention.column_names:
            value = pa.scalar(given.get(name), schema.field(name).type)
            mention = mention.append_column(name, pa.repeat(value, mention.num_rows))
    return mention.select(READ)
