"""Another force than the example, by `clvt adopt` alone: its children reach its authorities, no word is another's."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.forces import Made, compared, lived, made
from expectations.site import load
from night.run import Run
from tests.custody.searching import texts

NIGHTS = 5  # the first is that of a meeting: its pack on paper, and the lists after it
EXAMPLE = load()
OF_THE_EXAMPLE = re.compile(
    "|".join(
        (
            r"[Nn]ottingham|\bNotts\b|\bCCEP\b|\bSYVP\b|\bNSD\b|\bCITY\b|\bCOUNTY\b(?! LINES)|\bNG\d",
            r"E06000018|E10000024|\b31/20\d\d/|\bCL-31\b|\b31_[a-z]|force\W{1,3}31\b",
            *map(re.escape, (*EXAMPLE.policing_areas, EXAMPLE.contact["role"], EXAMPLE.contact["email"])),
        )
    )
)


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("force"), "Dyfed-Powys", children=12, nights=NIGHTS, seed=3)


@pytest.fixture(scope="module")
def last(force: Made) -> Run:
    return lived(force, NIGHTS)


def test_every_child_is_told_of_to_the_own_authority_and_to_no_other_or_a_person_is_asked(
    force: Made, last: Run
) -> None:
    found = compared(force, last)
    assert (found.wrong, found.silent) == ([], [])
    assert found.right + found.not_heard.total() == found.children > 12
    assert found.right > found.children / 2
    assert found.disclosures > found.right


def test_the_comparison_finds_records_of_children_who_do_not_live_there(force: Made, last: Run) -> None:
    path = force.scenario / "truth_homes.csv"
    truth = path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(truth.splitlines()))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows({**row, "local_authority": ""} for row in rows)
    found = compared(force, last)
    path.write_text(truth, encoding="utf-8")
    assert len(found.wrong) > 0
    assert found.right == 0


def of_another(folder: Path) -> Iterator[str]:
    """Where a word of the example stands in a file below a folder: as text, in a table, an archive or on paper."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for text in (path.name, *list(texts(path.name, content))[b"\0" in content :]):
            yield from (f"{path.relative_to(folder)}: {found[0]}" for found in OF_THE_EXAMPLE.finditer(text))


def test_no_word_of_the_example_is_in_the_home_the_files_and_the_pages(force: Made, last: Run) -> None:
    written = {path.suffix for path in force.home.root.rglob("*") if path.is_file()}
    assert {".yml", ".parquet", ".json", ".html", ".xlsx", ".pdf", ".xml", ".csv"} <= written
    assert list(of_another(force.home.root)) == []


def test_a_word_of_the_example_would_be_found(tmp_path: Path) -> None:
    words = ["in the CITY", "Nottinghamshire", "31/2022/000417", "NG7 2AB", "City North", "31_mash.json"]
    for number, word in enumerate(words):
        (tmp_path / f"{number}.txt").write_text(word)
    assert len(list(of_another(tmp_path))) == len(words)


def test_no_screen_has_a_word_of_the_example() -> None:
    screens = Path(__file__).resolve().parents[2] / "plugins" / "screens"
    assert list(of_another(screens)) == []
