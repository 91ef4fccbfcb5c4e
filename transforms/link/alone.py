"""Who is who in one table of mentions, and how alike are its pairs?

For evaluation and for engineers: linkage by itself, without nights, roles or people's decisions.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from expectations.contracts import contract
from transforms.link import people
from transforms.link.linking import NOTHING, READ, DecidedAgain, Work, decided_again, everything, facts_of
from transforms.link.model.columns import columns_of, in_order, pc
from transforms.link.model.components import Rows
from transforms.link.model.decide import OUTCOMES
from transforms.link.model.engine import Engine, here
from transforms.link.model.settings import most_asked
from transforms.link.model.words import why
from transforms.memory import give_back

ANY_NIGHT = date(2000, 1, 1)
PART = 1 << 17  # pairs
DECISION = pa.array([outcome.value[0] for outcome in OUTCOMES])


def link_alone(mention: pa.Table, engine: Engine = here) -> tuple[pa.Table, Iterator[pa.Table]]:
    """The table `person` of mentions in comparable form, and `pair` in parts; absent columns are not known.

    A mention without a role counts as a child's. Pairs that only a person could decide are the first part, those that
    settle most before the others, and no more of them than `most_asked` allows. Those of one question stand together.
    """
    mention = in_order(filled(mention))
    columns, numbers = columns_of(mention), facts_of(mention)
    del mention  # of a million mentions it is a seventh of all memory
    give_back()
    work = everything(columns, numbers, NOTHING, engine)
    give_back()
    found = decided_alone(work)
    return people.of_groups(work.columns.keys, found.decided.group, work.numbers["landed"]), _pairs(work, found)


def decided_alone(work: Work) -> DecidedAgain:
    """Who is who among mentions of which nobody decided anything, and what is asked."""
    return decided_again(work, {}, NOTHING.same_person_question, most_asked(len(work.columns)))


def _pairs(work: Work, found: DecidedAgain) -> Iterator[pa.Table]:
    """Rows of `pair`; millions of them as whole texts would take more memory than linking them did."""
    agreed = contract("pair")
    asked = [place for one in found.asked for place in (one.place, *one.rivals)]
    yield agreed.conform(_rows(work, found, np.array(asked, np.int64)))
    settled = np.flatnonzero(~found.decided.is_open())
    for start in range(0, len(settled), PART):
        yield agreed.conform(_rows(work, found, settled[start : start + PART]))


def _rows(work: Work, found: DecidedAgain, places: Rows) -> pa.Table:
    """Rows of `pair` for some of the scored pairs."""
    pairs, outcome = work.pairs.take(places), found.decided.outcome[places]
    return pa.table(
        {
            "mention_key": work.columns.keys.take(pa.array(pairs.left)),
            "other_mention_key": work.columns.keys.take(pa.array(pairs.right)),
            "match_weight": pa.array(pairs.weight),
            "decision": DECISION.take(outcome),
            "why": why(outcome, pairs.levels),
        }
    )


def filled(mention: pa.Table) -> pa.Table:
    """The columns that linkage reads, and the values that linkage by itself does not know.

    Where a table does not name the record of a mention, mentions `R#1` and `R#2` are two subjects of one record.
    """
    schema = contract("mention").schema
    if "record_ref" not in mention.column_names:
        mention = mention.append_column("record_ref", pc.replace_substring_regex(mention["mention_key"], r"#\d+$", ""))
    given = {"role": "CHILD", "first_landed_on": ANY_NIGHT}
    for name in READ:
        if name not in mention.column_names:
            value = pa.scalar(given.get(name), schema.field(name).type)
            mention = mention.append_column(name, pa.repeat(value, mention.num_rows))
    return mention.select(READ)
