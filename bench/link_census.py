"""Where do households with real families come from, on which linkage is measured?

    python -m bench.link_census SEED FILE [--noise 3.8]
    python -m bench.link table --files FILE

The decennial censuses of 2020 and 2030 of the sample that pseudopeople brings, 21,000 records of 15,000 people. Each
kind of error in a field is so many times as likely as it comes. pseudopeople is none of our packages: run this in an
environment of its own.
"""

import argparse
from typing import Any

import pandas as pd

YEARS = (2020, 2030)


def main() -> None:
    """Write the records of one seed."""
    parser = argparse.ArgumentParser(
        prog="bench.link_census", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("seed", type=int)
    parser.add_argument("file")
    parser.add_argument("--noise", type=float, default=1.0)
    chosen = parser.parse_args()
    raw_people(censuses(chosen.seed, chosen.noise)).to_csv(chosen.file, index=False)


def censuses(seed: int, noise: float) -> pd.DataFrame:
    """Both censuses, one after the other; an empty text is not known."""
    import pseudopeople

    fields = pseudopeople.get_config()["decennial_census"]["column_noise"]
    config = {"decennial_census": {"column_noise": {name: _noisier(of, noise) for name, of in fields.items()}}}
    made = [pseudopeople.generate_decennial_census(seed=seed, year=year, config=config) for year in YEARS]
    return pd.concat(made, ignore_index=True).astype(object).fillna("").astype(str)


def _noisier(kinds: dict[str, Any], noise: float) -> dict[str, Any]:
    return {kind: {"cell_probability": min(1.0, of["cell_probability"] * noise)} for kind, of in kinds.items()}


def raw_people(census: pd.DataFrame) -> pd.DataFrame:
    """Raw person columns, with `key` and the true `person`; a date that is no date stays as it was written."""
    born = census["date_of_birth"]
    iso = born.str[6:] + "-" + born.str[:2] + "-" + born.str[3:5]
    street = census[["street_number", "street_name", "unit_number"]].agg(" ".join, axis=1)
    return pd.DataFrame(
        {
            "key": [f"census:{number:07d}" for number in range(len(census))],
            "person": census["simulant_id"],
            "given_names": (census["first_name"] + " " + census["middle_initial"]).str.strip(),
            "surname": census["last_name"],
            "date_of_birth": iso.where(born.str.fullmatch(r"\d\d/\d\d/\d{4}"), born),
            "gender": census["sex"],
            "address": street.str.strip(),
        }
    )


if __name__ == "__main__":
    main()
