"""Who stands for an id that was merged away."""

from transforms.link.merged import merged_ids


def row(person: str, into: str | None) -> dict[str, str | None]:
    return {"person_id": person, "merged_into": into}


def test_the_last_of_a_chain_stands_for_all_before_it() -> None:
    rows = [row("P-1", "P-2"), row("P-2", "P-3"), row("P-3", None), row("P-4", None)]
    assert merged_ids(rows) == {"P-1": "P-3", "P-2": "P-3"}


def test_a_circle_ends() -> None:
    assert set(merged_ids([row("P-1", "P-2"), row("P-2", "P-1")])) == {"P-1", "P-2"}
