"""Why are two mentions of a night one person, or not?

Linkage is done again from nothing, because a value that many bear weighs less and because two mentions may be united,
or held apart, by others.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from expectations.plain import Row
from transforms.link.alone import filled
from transforms.link.linking import NOTHING, decisions_about, everything, facts_of, rulings_of
from transforms.link.model.columns import Values, columns_of, in_order
from transforms.link.model.decide import Outcome, decide, outcome_of
from transforms.link.model.engine import here
from transforms.link.model.questions import waterfall
from transforms.link.model.score import score
from transforms.link.model.words import sentence_of


@dataclass(frozen=True)
class Explanation:
    """Rows of field, level and weight in bits, without what is not known of both; and what became of the pair."""

    weights: list[Row]
    outcome: Outcome

    @property
    def why(self) -> str:
        """The code and words of the outcome, and which fields agreed, differed or were not known of both."""
        return f"{self.outcome}. {sentence_of({row['field']: row['level'] for row in self.weights})}"


def explain(mention: pa.Table, decision: pa.Table, as_of: date, one: str, other: str) -> Explanation:
    """Two mentions of the table `mention`, by their keys; KeyError where one of them is not in it."""
    mention = in_order(filled(mention))
    work = everything(columns_of(mention), facts_of(mention), NOTHING, here)
    left, right = sorted(_row(work.columns.keys, key) for key in (one, other))
    in_force, _ = decisions_about(decision, work.columns.keys, as_of)
    decided = decide(work.columns, work.pairs, rulings_of(in_force, work.columns.keys))
    (weights,) = waterfall(work.columns, score(work.columns, np.array([left]), np.array([right])))
    return Explanation(weights, outcome_of(work.columns, work.pairs, decided, (left, right)))


def _row(keys: Values, mention_key: str) -> int:
    row = int(keys.index(pa.scalar(mention_key)).as_py())
    if row < 0:
        raise KeyError(mention_key)
    return row
