"""Does Spark find the same pairs, weigh them the same, and so come to the same people?

On a real Spark: a master and two workers, each a process of its own.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bench.link_forces import force
from connectors.spark import splink_on_spark
from tests.link.rows import NIGHT, NO_DECISIONS, mentions
from tests.link.spark_cluster import WORKERS, cluster
from tests.link.test_who_is_who import BARE, a
from transforms.link import NOTHING, Earlier, Linked, Segment, link_alone, link_night
from transforms.link.model.blocking import candidates
from transforms.link.model.columns import columns_of
from transforms.link.model.engine import Engine, here
from transforms.link.model.score import Scored, score
from transforms.link.model.settings import FIELDS
from transforms.link.model.splink_model import kept_by_splink, scored_by_splink

pytestmark = pytest.mark.slow

EVERY_PAIR = -1000.0


@pytest.fixture(scope="module")
def db_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with cluster(tmp_path_factory.mktemp("spark")) as folder, pytest.MonkeyPatch.context() as set_to:
        set_to.setenv("SPARK_CONF_DIR", str(folder))
        with splink_on_spark() as started:
            yield started


@pytest.fixture(scope="module")
def spark(db_api: Any) -> Engine:
    return lambda columns: [kept_by_splink(columns, db_api)]


def test_every_pair_has_the_nightly_scorers_levels_and_weight(db_api: Any) -> None:
    columns = columns_of(mentions(*force("force", 400, seed=3)))
    ours = Scored.together(score(columns, *rows) for rows in candidates(columns))
    found = scored_by_splink(columns, db_api, EVERY_PAIR)
    assert ours.left.tolist() == found.left.tolist()
    assert ours.right.tolist() == found.right.tolist()
    assert ours.levels.tolist() == found.levels.tolist()
    assert np.abs(ours.weight - found.weight).max() < 1e-9


# Two mentions that share a nominal, and how one field of them compares.
HARD = [
    ({"surname": "Baker"}, {"surname": "Barker"}, "surname", "ALIKE"),
    ({"surname": "Andrews"}, {"surname": "Danews"}, "surname", "DIFFERENT"),
    ({"surname": "Akhtar"}, {"surname": "Atkhra"}, "surname", "DIFFERENT"),
    ({"surname": "Adams Thompson"}, {"surname": "Thompson"}, "surname", "ALIKE"),
    ({"surname": "Smith Gibson"}, {"surname": "Smith Jones"}, "surname", "DIFFERENT"),
    ({"surname": "Lee"}, {"surname": "Leo"}, "surname", "TWO_NAMES"),
    ({"surname": "Khan"}, {"surname": "Kahn"}, "surname", "ALIKE"),
    ({"surname": "Wilson"}, {"surname": "Wilkinson"}, "surname", "DIFFERENT"),
    ({"surname": "Dominic", "given_names": "Thompson"}, {}, "surname", "SWAPPED"),
    ({"surname": ""}, {}, "surname", "UNKNOWN"),
    ({"given_names": "Dom"}, {}, "given", "VARIANT"),
    ({"given_names": "D"}, {}, "given", "PART"),
    ({"given_names": "Joshua Dominic"}, {}, "given", "PART"),
    ({"given_names": "Dominci"}, {}, "given", "ALIKE"),
    ({"given_names": "Harley"}, {"given_names": "Harvey"}, "given", "DIFFERENT"),
    ({"given_names": "Qwertz"}, {}, "given", "UNLISTED"),
    ({"given_names": "Dominic Lee"}, {"given_names": "Dominic Leo"}, "middle", "DIFFERENT"),
    ({"date_of_birth": "2005-06-10"}, {}, "birth", "SWAPPED"),
    ({"date_of_birth": "2006-10-06"}, {}, "birth", "NEAR"),
    ({"date_of_birth": "2008-02-19"}, {}, "birth", "DIFFERENT"),
    ({"date_of_birth": "2005-01-01"}, {"date_of_birth": "2005-01-01"}, "birth", "SAME_NEW_YEAR"),
    ({"date_of_birth": "2005", "dob_status": "ESTIMATED"}, {}, "birth", "YEAR_SAME"),
    ({"date_of_birth": "2004", "dob_status": "ESTIMATED"}, {}, "birth", "YEAR_DIFFERENT"),
    ({"date_of_birth": "2005-12-31", "dob_status": "VERIFIED"}, {"date_of_birth": ""}, "birth", "UNKNOWN"),
    ({"address": "109 Kestral Court", "postcode": ""}, {}, "place", "ADDRESS_ALIKE"),
    ({"postcode": "NG1 4BT"}, {}, "place", "ADDRESS_ALIKE"),
    ({"address": ""}, {}, "place", "POSTCODE_SAME"),
    ({"postcode": ""}, {}, "place", "ADDRESS_SAME"),
    (BARE, {}, "place", "UNKNOWN"),
    ({"source_person_id": "X1;X2"}, {"source_person_id": "X2;X3"}, "nominal", "SAME"),
]


def test_what_is_hard_to_compare_compares_as_it_does_every_night(db_api: Any) -> None:
    rows = [
        a(f"{number:02d}{side}", **{"source_person_id": f"N{number}"} | fields)
        for number, (one, other, _, _) in enumerate(HARD)
        for side, fields in (("a", one), ("b", other))
    ]
    columns = columns_of(mentions(*rows))
    found = scored_by_splink(columns, db_api, EVERY_PAIR)
    place = {pair: number for number, pair in enumerate(zip(found.left.tolist(), found.right.tolist(), strict=True))}
    said = [
        FIELDS[field](found.level(field)[place[2 * number, 2 * number + 1]]).name
        for number, (_, _, field, _) in enumerate(HARD)
    ]
    assert said == [level for _, _, _, level in HARD]


@pytest.mark.parametrize("kind", ["force", "sparse"])
def test_two_thousand_mentions_come_to_the_same_people_pairs_and_questions(kind: str, spark: Engine) -> None:
    table = mentions(*force(kind, 2000, seed=11))
    (person, pairs), (spark_person, spark_pairs) = link_alone(table), link_alone(table, spark)
    assert spark_person.equals(person)
    assert pa.concat_tables(spark_pairs).equals(pa.concat_tables(pairs))


def test_a_night_from_nothing_on_spark_is_gone_on_with_here(spark: Engine) -> None:
    rows = force("force", 300, 5)
    first, both = mentions(*rows[:250]), mentions(*rows)

    def second_night(engine: Engine) -> tuple[Linked, list[Segment]]:
        made, index = link_night(first, NO_DECISIONS, NIGHT, NOTHING, [], engine)
        before = Earlier(NO_DECISIONS, made.person, made.person_id, made.same_person_question)
        return link_night(both, NO_DECISIONS, NIGHT + timedelta(days=1), before, index, engine)

    (ours, index), (theirs, their_index) = second_night(here), second_night(spark)
    assert ours == theirs
    assert [one.table() for one in index] == [one.table() for one in their_index]


def test_both_workers_take_part(db_api: Any) -> None:
    session = db_api.spark
    found = session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    assert len(found) == WORKERS + 1  # and the driver
