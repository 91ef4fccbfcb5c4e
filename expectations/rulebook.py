"""Which rules is a table held to, as an engineer reads them?

Every contract as a Great Expectations suite that is named for its table, in the form in which Great Expectations itself
keeps one: the type of each expectation, its arguments, and our name, sentence and severity for it. The gate asks the
same rules as claims, all tables in one batch, because a suite a table would cost it seconds a night; a test holds that
both judge alike. The rules between tables stand in `across`, and the reports' number in `volume`.
"""

from collections.abc import Iterator
from typing import Any

from expectations import claims, contracts
from expectations.contracts import Column, Contract, contract

# The words of a contract's `rules:` in Great Expectations' own: the type, and its arguments for the columns named.
_FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "filled": ("expect_column_values_to_not_be_null", ("column",)),
    "empty": ("expect_column_values_to_be_null", ("column",)),
    "same": ("expect_column_pair_values_to_be_equal", ("column_A", "column_B")),
    "not_before": ("expect_column_pair_values_a_to_be_greater_than_b", ("column_A", "column_B")),
    "written": ("expect_column_values_to_match_regex", ("column",)),
}
_MORE: dict[str, dict[str, Any]] = {
    "same": {"ignore_row_if": "both_values_are_missing"},
    "not_before": {"or_equal": True, "ignore_row_if": "either_value_is_missing"},
}


def suites() -> dict[str, dict[str, Any]]:
    """The suite of every contract, by table."""
    return {name: suite_of(contract(name)) for name in contracts.tables()}


def suite_of(agreed: Contract) -> dict[str, Any]:
    """A contract as a suite: `name`, and `expectations` of `type`, `kwargs` and `meta` (rule, sentence, severity)."""
    none = claims.rows_of(agreed.table, agreed.schema.empty_table())
    rules = {claim.rule.name: claim.rule for claim in claims.of_contract(none, none)}
    written = [
        {
            "type": kind,
            "kwargs": kwargs,
            "meta": {"rule": name, "sentence": rules[name].sentence, "severity": rules[name].severity},
        }
        for name, kind, kwargs in _written(agreed)
    ]
    return {"name": agreed.table, "expectations": written}


def _written(agreed: Contract) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield "key.single", *_unique(list(agreed.key))
    for column in agreed.columns:
        yield from _of_column(column)
    for raw in agreed.rules:
        yield from _of_rule(raw)


def _of_column(column: Column) -> Iterator[tuple[str, str, dict[str, Any]]]:
    name = column.name
    if column.required:
        yield f"{name}.filled", "expect_column_values_to_not_be_null", {"column": name}
    if column.values:
        yield (
            f"{name}.allowed",
            "expect_column_values_to_be_in_set",
            {"column": name, "value_set": list(column.values)},
        )
    if column.pattern:
        yield (
            f"{name}.written",
            "expect_column_values_to_match_regex",
            {"column": name, "regex": _whole(column.pattern)},
        )
    if column.minimum is not None:
        yield f"{name}.minimum", "expect_column_values_to_be_between", {"column": name, "min_value": column.minimum}
    if column.maximum is not None:
        yield f"{name}.maximum", "expect_column_values_to_be_between", {"column": name, "max_value": column.maximum}


def _of_rule(raw: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if "single" in raw:
        kind, kwargs = _unique(raw["single"])
        yield raw["rule"], kind, {**kwargs, **_chosen(raw)}
        return
    form = next(form for form in _FORMS if form in raw)
    kind, names = _FORMS[form]
    columns = raw[form] if isinstance(raw[form], list) else [raw[form]]
    more = {**_MORE.get(form, {}), **_chosen(raw), **({"regex": _whole(raw["form"])} if "form" in raw else {})}
    for given in [columns] if len(names) > 1 else [[name] for name in columns]:
        yield raw["rule"], kind, {**dict(zip(names, given, strict=True)), **more}


def _unique(columns: list[str]) -> tuple[str, dict[str, Any]]:
    if len(columns) == 1:
        return "expect_column_values_to_be_unique", {"column": columns[0]}
    return "expect_compound_columns_to_be_unique", {"column_list": columns, "ignore_row_if": "any_value_is_missing"}


def _chosen(raw: dict[str, Any]) -> dict[str, str]:
    """Which rows a rule is about, as a condition that pandas reads."""
    parts = [f"{name}.isin({values!r})" for name, values in raw.get("when", {}).items()]
    parts += [f"{name}.notnull()" for name in raw.get("given", ())]
    return {"row_condition": " and ".join(parts), "condition_parser": "pandas"} if parts else {}


def _whole(form: str) -> str:
    return f"^(?:{form})$"
