"""Does the nightly scorer give Splink's weights?"""

import numpy as np
from splink import DuckDBAPI

from bench.link_forces import force
from tests.link.rows import mentions
from transforms.link.model.blocking import candidates
from transforms.link.model.columns import columns_of
from transforms.link.model.score import Scored, score
from transforms.link.model.splink_model import scored_by_splink

EVERY_PAIR = -1000.0  # bits


def test_the_nightly_scorer_and_splink_find_the_same_pairs_with_the_same_weights() -> None:
    columns = columns_of(mentions(*force("force", 400, seed=3)))
    ours = Scored.together(score(columns, *rows) for rows in candidates(columns))
    splink = scored_by_splink(columns, DuckDBAPI(), EVERY_PAIR)
    assert ours.left.tolist() == splink.left.tolist()
    assert ours.right.tolist() == splink.right.tolist()
    assert ours.levels.tolist() == splink.levels.tolist()
    assert np.abs(ours.weight - splink.weight).max() < 1e-9
