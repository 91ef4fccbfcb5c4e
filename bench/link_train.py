"""What does Splink learn of m from records whose truth nobody tells it, and what does the model say?

    python -m bench.link_train

EM (expectation maximisation) runs on three invented forces at once, by the rules and levels of the model, with u held
and frequencies left out. Pairs with one date of birth teach what names do, pairs with one name what all else does. The
result is printed beside `model.json`, to be reviewed and copied there by hand: MODEL.md tells what is not copied.
"""

from typing import Any

import pandas as pd

from bench.link import as_mentions
from bench.link_forces import HABITS, force
from transforms.link.alone import filled
from transforms.link.model.blocking import blocks_of
from transforms.link.model.columns import columns_of
from transforms.link.model.settings import levels
from transforms.link.model.splink_model import comparison_table, frequency_tables, levels_in_order, linker_of

SEED = 11
MENTIONS = 20_000  # of each kind of force
LEARNED = {  # what pairs that agree on these columns teach
    ("dob",): ("surname", "given"),
    ("surname", "root"): ("birth", "place", "telephone", "nominal"),
}


def main() -> None:
    """Train, and print m as learned and as the model has it, level by level."""
    in_use = {(level.field, level.level): level.m for level in levels()}
    print(f"{'field':10} {'level':15} {'learned':>8} {'model':>8}")
    for field, learned in trained().items():
        for level, m in learned.items():
            print(f"{field:10} {level.name:15} {m:8.4f} {in_use[field, level]:8.4f}")


def trained() -> dict[str, dict[Any, float]]:
    """By field and level, m as Splink's EM learns it from the invented forces."""
    from splink import DuckDBAPI, block_on

    columns = columns_of(filled(as_mentions(_mentions())))
    linker = linker_of(comparison_table(columns, blocks_of(columns)), frequency_tables(columns), DuckDBAPI())
    found: dict[str, dict[Any, float]] = {}
    for agreeing, fields in LEARNED.items():
        session = linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*agreeing), fix_u_probabilities=True, estimate_without_term_frequencies=True
        )
        for comparison in session.core_model_settings.comparisons:
            if comparison.output_column_name in fields:
                known = [level for level in comparison.comparison_levels if not level.is_null_level]
                named = zip(levels_in_order(comparison.output_column_name), known, strict=True)
                found[comparison.output_column_name] = {ours: float(theirs.m_probability) for ours, theirs in named}
    return found


def _mentions() -> pd.DataFrame:
    rows = [
        {**row, "key": f"{kind}:{row['key']}"}
        for number, kind in enumerate(HABITS)
        for row in force(kind, MENTIONS, SEED + number)
    ]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main()
