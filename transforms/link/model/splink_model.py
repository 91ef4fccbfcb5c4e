"""How does Splink score the same pairs by the same model?

Splink is the reference: the nightly scorer has to give its weights, and a test holds them equal. On Spark it scores a
national volume. The comparisons are those of `score`, written once more as Splink levels.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.link.model import settings
from transforms.link.model.blocking import blocks_of
from transforms.link.model.columns import Codes, Columns, Values
from transforms.link.model.components import UNKNOWN
from transforms.link.model.evidence import LEAST_KEPT, worth_keeping
from transforms.link.model.score import Scored, field_weights
from transforms.link.model.settings import FIELDS, FREQUENCY, Agreement, Birth, Given, Place, Surname

ELSE = "ELSE"
BLOCK = "block_{}"
IDENTIFIERS = ("pnc", "nominal")
ROUNDING = 1e-6  # bits: more than two ways of adding up one weight can differ by


def kept_by_splink(columns: Columns, db_api: Any) -> Scored:
    """All pairs worth keeping, found and compared by Splink on a database API of its own.

    Weights are added up here once more, so that they are the same to the last bit whatever found the pairs.
    """
    found = scored_by_splink(columns, db_api, LEAST_KEPT - ROUNDING)
    weight = field_weights(columns, found.left, found.right, found.levels).sum(axis=1)
    return worth_keeping(columns, Scored(found.left, found.right, found.levels, weight))


def scored_by_splink(columns: Columns, db_api: Any, least: float) -> Scored:
    """The candidate pairs, as Splink scores them on its DuckDBAPI or SparkAPI.

    Only pairs of at least so many bits come back, and those that share an identifier.
    """
    linker = linker_of(comparison_table(columns, blocks_of(columns)), frequency_tables(columns), db_api)
    predicted = linker.inference.predict(warning_mode="never")
    wanted = ", ".join(["row_l", "row_r", "match_weight", *(f"gamma_{field}" for field in FIELDS)])
    same = " or ".join(f"gamma_{field} = {_gamma_of_same(field)}" for field in IDENTIFIERS)
    rows = f"select {wanted} from {predicted.physical_name} where match_weight >= {least} or {same}"  # noqa: S608 our own SQL
    found = linker.misc.query_sql(rows).as_pyarrow_table()
    left, right = (found[f"row_{side}"].to_numpy() for side in "lr")
    levels = np.stack([_levels_of(field, found[f"gamma_{field}"].to_numpy()) for field in FIELDS], axis=1)
    return Scored.together([Scored(left, right, levels, found["match_weight"].to_numpy())])


def linker_of(table: pa.Table, frequencies: Iterable[tuple[str, pa.Table]], db_api: Any) -> Any:
    """Splink's linker for a comparison table and its frequency tables."""
    from splink import Linker

    linker = Linker(db_api.register(table), splink_settings(), log_level="ERROR")
    for name, frequency in frequencies:
        linker.table_management.register_term_frequency_lookup(db_api.register(frequency), name)
    return linker


def _levels_of(field: str, gamma: Any) -> Any:
    """Our levels from Splink's comparison vector: the first condition has the highest number, nothing known has -1."""
    return np.array([0, *(int(level) for level in reversed(levels_in_order(field)))], np.int8)[gamma + 1]


def levels_in_order(field: str) -> list[IntEnum]:
    """The levels of a field, from the first that is tried to the last."""
    return [level for level, _ in _conditions()[field]]


def _gamma_of_same(field: str) -> int:
    return len(_conditions()[field]) - 1


def comparison_table(columns: Columns, blocks: list[Codes]) -> pa.Table:
    """The columns as Splink's levels read them: words, dates as numbers, how common a value is, and blocks."""
    words = {name: _words(columns.words, getattr(columns, name)) for name in WORD_COLUMNS}
    words["address"] = _words(columns.addresses, columns.address)
    numbers = {name: _numbers(getattr(columns, name)) for name in NUMBER_COLUMNS}
    flags = {name: pa.array(getattr(columns, name)) for name in FLAG_COLUMNS}
    nominals = [[code for code in row if code != UNKNOWN] or None for row in columns.nominals.tolist()]
    common = {
        _frequency(field, level): pa.array(columns.bits[counted]) for (field, level), counted in FREQUENCY.items()
    }
    return pa.table(
        {
            "row": pa.array(np.arange(len(columns))),
            **words,
            **numbers,
            **flags,
            "nominals": pa.array(nominals, pa.list_(pa.int64())),
            **common,
            **{BLOCK.format(number): _numbers(block) for number, block in enumerate(blocks)},
        }
    )


def frequency_tables(columns: Columns) -> Iterator[tuple[str, pa.Table]]:
    """For each level with a frequency, the name of its column and a table of what Splink holds its values to be.

    Splink takes log2(u / frequency) off a weight, so that a frequency of u * 2**bits takes the bits off. The tables are
    handed over by themselves: Splink joins one for every such column, whether the rows have its frequency or not, and
    where they have, Spark has two columns of one name.
    """
    for (field, level), counted in FREQUENCY.items():
        name = _frequency(field, level)
        bits = np.unique(columns.bits[counted])
        yield name, pa.table({name: pa.array(bits), f"tf_{name}": pa.array(_trained(field, level).u * 2.0**bits)})


FLAG_COLUMNS = ("is_verified", "is_known_name", "is_known_surname", "is_double_surname", "is_initial")
WORD_COLUMNS = ("surname", "first", "root", "middle", "second", "alias")
NUMBER_COLUMNS = (
    "dob",
    "year",
    "year_from",
    "year_to",
    "day_month",
    "gender",
    "postcode",
    "telephone",
    "pnc",
    "initial",
)


def _words(vocabulary: Values, codes: Any) -> Values:
    return vocabulary.take(pa.array(codes, mask=codes == UNKNOWN))


def _numbers(codes: Any) -> Values:
    return pa.array(codes.astype(np.int64), mask=codes == UNKNOWN)


def splink_settings() -> Any:
    """The model as Splink settings: even prior odds, so that the match weight is the sum of the fields' weights."""
    from splink import SettingsCreator, block_on

    rules: list[Any] = [block_on("nominals", arrays_to_explode=["nominals"])]
    rules += [block_on(BLOCK.format(number)) for number in range(len(settings.BLOCKING))]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        probability_two_random_records_match=0.5,
        comparisons=[_comparison(field, levels) for field, levels in _conditions().items()],
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=True,
    )


def _comparison(field: str, levels: list[tuple[IntEnum, Any]]) -> Any:
    from splink import comparison_level_library as cll
    from splink import comparison_library as cl

    made: list[Any] = [cll.CustomLevel(NOTHING_KNOWN[field]).configure(is_null_level=True)]
    for level, condition in levels:
        creator = cll.ElseLevel() if condition is ELSE else _creator(condition)
        options: dict[str, Any] = {"m_probability": _trained(field, level).m, "u_probability": _trained(field, level).u}
        if (field, level) in FREQUENCY:
            options |= {"tf_adjustment_column": _frequency(field, level), "disable_tf_exact_match_detection": True}
        made.append(creator.configure(**options))
    return cl.CustomComparison(made, output_column_name=field)


def _creator(condition: Any) -> Any:
    from splink import comparison_level_library as cll

    return cll.CustomLevel(condition) if isinstance(condition, str) else condition


def _trained(field: str, level: IntEnum) -> settings.Level:
    return next(one for one in settings.levels() if (one.field, one.level) == (field, level))


def _frequency(field: str, level: IntEnum) -> str:
    return f"{field}_{level.name.lower()}"


NOTHING_KNOWN = {
    **{name: f"{name}_l is null or {name}_r is null" for name in FIELDS},
    "given": "first_l is null or first_r is null",
    "birth": "year_to_l is null or year_to_r is null",
    "nominal": "nominals_l is null or nominals_r is null",
    "place": "(address_l is null or address_r is null) and (postcode_l is null or postcode_r is null)",
}
SWAPPED = "surname_l <> surname_r and surname_l = first_r and surname_r = first_l"
TWO_SURNAMES = "is_known_surname_l and is_known_surname_r and is_double_surname_l = is_double_surname_r"
STRANGE = "not (is_known_name_l and is_known_name_r)"
POSTCODE_UNKNOWN = "(postcode_l is null or postcode_r is null)"


def _conditions() -> dict[str, list[tuple[IntEnum, Any]]]:
    """For each field its levels from the first that is tried to the last, which holds where none before did."""
    from splink import comparison_level_library as cll

    day, month = ("day_month_{side} % 100", "floor(day_month_{side} / 100)")
    day_l, day_r, month_l, month_r = (part.format(side=side) for part in (day, month) for side in "lr")
    agreeing = (
        f"(case when year_l = year_r then 1 else 0 end + case when {month_l} = {month_r} then 1 else 0 end + "
        + (f"case when {day_l} = {day_r} then 1 else 0 end)")
    )
    initial = "((is_initial_l or is_initial_r) and initial_l = initial_r)"
    simple: dict[str, list[tuple[IntEnum, Any]]] = {
        field: [(Agreement.SAME, f"{field}_l = {field}_r"), (Agreement.DIFFERENT, ELSE)]
        for field, kind in FIELDS.items()
        if kind is Agreement and field != "nominal"
    }
    found: dict[str, list[tuple[IntEnum, Any]]] = {
        "surname": [
            (Surname.SAME, "surname_l = surname_r"),
            (Surname.SWAPPED, SWAPPED),
            (Surname.TWO_NAMES, cll.And(cll.CustomLevel(TWO_SURNAMES), _alike("surname", settings.ALIKE_JARO_WINKLER))),
            (Surname.ALIKE, _alike("surname", settings.ALIKE_JARO_WINKLER)),
            (Surname.DIFFERENT, ELSE),
        ],
        "given": [
            (Given.SECOND_DIFFERENT, "root_l = root_r and second_l <> second_r"),
            (Given.SAME, "first_l = first_r and not is_initial_l"),
            (Given.VARIANT, "root_l = root_r and not is_initial_l"),
            (Given.SWAPPED, SWAPPED),
            (Given.PART, f"first_l = middle_r or first_r = middle_l or {initial}"),
            (Given.ALIKE, cll.And(cll.CustomLevel(STRANGE), _alike("first", settings.ALIKE_JARO_WINKLER))),
            (Given.UNLISTED, STRANGE),
            (Given.DIFFERENT, ELSE),
        ],
        "middle": [(settings.Agreement.SAME, "middle_l = middle_r"), (settings.Agreement.DIFFERENT, ELSE)],
        "birth": [
            (Birth.SAME_NEW_YEAR, "dob_l = dob_r and day_month_l = 101 and not is_verified_l and not is_verified_r"),
            (Birth.SAME, "dob_l = dob_r"),
            (Birth.SWAPPED, f"year_l = year_r and {month_l} = {day_r} and {day_l} = {month_r}"),
            (Birth.NEAR, f"dob_l is not null and dob_r is not null and {agreeing} = 2"),
            (Birth.DIFFERENT, "dob_l is not null and dob_r is not null"),
            (Birth.YEAR_SAME, "year_l = year_r"),
            (Birth.YEAR_DIFFERENT, "year_l <> year_r"),
            (Birth.AGE_SAME, "year_from_l <= year_to_r and year_from_r <= year_to_l"),
            (Birth.AGE_DIFFERENT, ELSE),
        ],
        "place": [
            (Place.ADDRESS_SAME, f"address_l = address_r and ({POSTCODE_UNKNOWN} or postcode_l = postcode_r)"),
            (
                Place.ADDRESS_ALIKE,
                cll.Or(
                    cll.CustomLevel("address_l = address_r and postcode_l <> postcode_r"),
                    cll.And(cll.CustomLevel(POSTCODE_UNKNOWN), _alike("address", settings.ALIKE_ADDRESS)),
                ),
            ),
            (Place.POSTCODE_SAME, "postcode_l = postcode_r"),
            (Place.DIFFERENT, ELSE),
        ],
        "nominal": [(Agreement.SAME, cll.ArrayIntersectLevel("nominals", 1)), (Agreement.DIFFERENT, ELSE)],
    }
    return {field: (found | simple)[field] for field in FIELDS}


def _alike(column: str, threshold: float) -> Any:
    """The same as `score.alike_sql`, in whatever dialect Splink writes."""
    from splink import comparison_level_library as cll

    left, right = f"{column}_l", f"{column}_r"
    shorter = f"least(length({left}), length({right})) >= {settings.ALIKE_LENGTH}"
    part = " or ".join(
        f"{whole} like concat({word}, ' %') or {whole} like concat('% ', {word})"
        for whole, word in ((left, right), (right, left))
    )
    edits = cll.And(cll.DamerauLevenshteinLevel(column, settings.ALIKE_EDITS), cll.CustomLevel(shorter))
    look: Any = cll.JaroWinklerLevel(column, threshold)
    if threshold == settings.ALIKE_JARO_WINKLER:
        few = cll.DamerauLevenshteinLevel(column, settings.ALIKE_MOST_EDITS)
        look = cll.And(look, few, cll.CustomLevel(f"not ({left} like '% %' and {right} like '% %')"))
    return cll.Or(look, edits, cll.CustomLevel(part))
