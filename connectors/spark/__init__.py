"""Where are a national volume's mentions compared? On Spark, which Splink drives.

Which Spark, and how large, stands in its own `spark-defaults.conf`; with none it is this machine's cores. What has to
hold on every Spark stands here: names of children lie encrypted on its disks and go encrypted over its network.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

CONFIGURATION: dict[str, Any] = {
    "spark.app.name": "clvt link",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# Spark's own Jaro-Winkler and that of Splink's jar count half transpositions: baker and barker come out at 0.88, by
# DuckDB at 0.90. One pair of words has to be alike or not whatever compares them, so DuckDB says it here too.
WORD_FUNCTIONS = {"jaro_winkler": "jaro_winkler_similarity", "damerau_levenshtein": "damerau_levenshtein"}


class SparkError(Exception):
    """Spark is not there or does not start; the message says what to do."""


@contextmanager
def splink_on_spark() -> Iterator[Any]:
    """Splink's database API on a Spark session, which ends with it and leaves nothing behind."""
    session = _session()
    try:
        import splink

        for name, function in WORD_FUNCTIONS.items():
            session.udf.register(name, _by_duckdb(function))
        api: Any = splink.SparkAPI
        yield api(spark_session=session, break_lineage_method="persist", register_udfs_automatically=False)
    finally:
        session.stop()


def _session() -> Any:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkError("pyspark is not installed: sh setup/python python3 .venv requirements/spark.txt.") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_CONF_DIR", str(Path(__file__).parent))
    try:
        return SparkSession.builder.config(map=CONFIGURATION).getOrCreate()
    except PySparkException:
        raise SparkError(
            "Spark does not start: it needs Java 17 or later (apt-get install default-jre-headless)."
        ) from None


def _by_duckdb(function: str) -> Any:
    """A Spark function of two words, worked out by DuckDB in the worker."""
    from pyspark.sql import functions

    def judged(words: Iterator[tuple[pa.Array, pa.Array]]) -> Iterator[pa.Array]:  # type: ignore[type-arg]
        import duckdb

        database = duckdb.connect(config={"threads": 1})
        for left, right in words:
            database.register("words", pa.table({"left": left, "right": right}))
            found = database.sql(f'select {function}("left", "right")::double as found from words')  # noqa: S608 our own SQL
            yield found.to_arrow_table()["found"].combine_chunks()

    spark: Any = functions
    return spark.arrow_udf(judged, "double")
