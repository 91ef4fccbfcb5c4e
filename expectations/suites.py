"""How are claims judged?

One Great Expectations suite, built from the contracts, with one expectation for each kind of claim. This is the only
place that imports Great Expectations: the import takes seconds, so it waits for the first night of a process. Its
context lives in memory alone: it writes no Data Docs, which would hold values, and sends nothing anywhere.
"""

import gc
import importlib
import logging
import os
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import pandas as pd

from expectations.claims import KINDS, Claims, forms, table_of
from expectations.contracts import Contract
from expectations.plain import grouped

# GX says which claims failed only in its COMPLETE form; what it says is followed back to the rows' keys, and dropped.
WITH_CLAIMS = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": ["table", "rule"],
    "include_unexpected_rows": False,
}
VERDICT_ONLY = "BOOLEAN_ONLY"


class ReadWhenAsked(ModuleType):
    """Stands for a module while another is imported; whoever asks it for something later has that of the real one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


# What it imports for expectations that no contract has, and for other data than frames (it does without pyspark): half
# of the import's time.
SELDOM_USED: dict[str, Any] = {name: ReadWhenAsked(name) for name in ("altair", "jsonschema", "scipy.stats")} | {
    "pyspark": None
}


@dataclass(frozen=True)
class Verdict:
    """How claims were judged: kinds whose expectation ran, and failed keys by (table, rule)."""

    ran: frozenset[str]
    failed: dict[tuple[str, str], list[str]]


def suite(contracts: Iterable[Contract]) -> Any:
    """The Great Expectations suite of contracts: one expectation for each kind of claim, in the order of KINDS."""
    gx = _great_expectations()
    expect = gx.expectations
    return gx.ExpectationSuite(
        name="contracts",
        expectations=[
            expect.ExpectColumnValuesToMatchRegex(column="written", regex=_written(contracts)),
            expect.ExpectColumnValuesToBeUnique(column="single"),
            expect.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="upper", column_B="lower", or_equal=True, ignore_row_if="either_value_is_missing"
            ),
            expect.ExpectColumnPairValuesToBeEqual(
                column_A="found", column_B="expected", ignore_row_if="both_values_are_missing"
            ),
        ],
    )


def judge(claims: list[Claims], suite: Any) -> Verdict:
    """Judge claims by a suite; which ones fail is looked for only where some do.

    A kind ran where its expectation did not raise and, if it failed, named what failed: Great Expectations reports an
    expectation that raised as a failure without a single row, from which all would seem to pass.
    """
    by_kind = grouped(claims, lambda one: one.rule.kind)
    failed: dict[tuple[str, str], set[Any]] = defaultdict(set)
    ran = set()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This pattern is interpreted as a regular expression")
        for kind, expected in zip(KINDS, suite.expectation_configurations, strict=True):
            asking = of_frame(table_of(kind, by_kind[kind]).to_pandas(use_threads=False))
            (result,) = asking.graph_validate([expected], {"result_format": VERDICT_ONLY})
            broken = [] if result.success else list(_failing(asking, kind, result))
            for rule, value in broken:
                failed[rule].add(value)
            if result.exception_info.get("raised_exception") is False and (result.success or broken):
                ran.add(kind)
            asking.execution_engine.batch_manager.batch_data_cache.clear()  # or the frame stays until Python finds it
    rules = {(claim.rule.table, claim.rule.name): claim for claim in claims}
    return Verdict(frozenset(ran), {rule: rules[rule].keys_of(values) for rule, values in sorted(failed.items())})


def _failing(asking: Any, kind: str, result: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    columns = KINDS[kind]
    (complete,) = asking.graph_validate([result.expectation_config], {"result_format": WITH_CLAIMS})
    for row in complete.result.get("unexpected_index_list") or ():
        values = tuple(row[column] for column in columns)
        yield (row["table"], row["rule"]), values if len(columns) > 1 else values[0]


def _written(contracts: Iterable[Contract]) -> str:
    agreed = {name: form for contract in contracts for name, form in forms(contract).items()}
    cells = [f"{re.escape(name)}=(?:{form})" for name, form in sorted(agreed.items())]
    return f"^(?:{'|'.join(cells)})$"


def of_frame(frame: pd.DataFrame) -> Any:
    """What Great Expectations asks a frame with; as a batch of a data source it would hash all of it, each time."""
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    engine = PandasExecutionEngine()
    engine.load_batch_data("claims", frame)
    return Validator(engine, data_context=_context())


@cache
def _context() -> Any:
    context = _great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


@cache
def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Its messages can quote the values it looked at; and the import writes hundreds of them into a task's log.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    gc.disable()  # a fifth of the import's time goes into looking for garbage that it does not make
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _left_out():
                import great_expectations
                import great_expectations.expectations
    finally:
        gc.enable()
    return great_expectations


@contextmanager
def _left_out() -> Iterator[None]:
    """Nothing of SELDOM_USED is imported meanwhile that is not there yet."""
    left_out = SELDOM_USED.keys() - sys.modules.keys()
    sys.modules.update({name: SELDOM_USED[name] for name in left_out})
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]
