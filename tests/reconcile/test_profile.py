"""Which children are seen on the same lines and in the same places."""

from expectations.feeds import SEEN_IN
from transforms.reconcile.profile import Linked, links, links_text, places


def child(number: int, lines: str = "", state: str = "OPEN", keys: tuple[str, ...] = ()) -> dict:
    return {
        "tracker_id": f"T{number}",
        "person_id": f"P{number}",
        "state": state,
        "line_refs": lines.split(),
        "mention_keys": list(keys),
    }


def pairs(found: list[dict]) -> list[tuple]:
    return [(row["tracker_id"], row["other_tracker_id"], row["line_refs"], row["places"]) for row in found]


def test_children_who_share_a_line_or_a_place_are_a_pair() -> None:
    on = [child(1, "L1"), child(2, "L1"), child(3, "L2"), child(4)]
    assert pairs(links(on, {"P3": {"bus station"}, "P4": {"bus station"}}).closest) == [
        ("T1", "T2", ["L1"], []),
        ("T3", "T4", [], ["bus station"]),
    ]


def test_what_few_children_share_ties_them_closer_than_what_many_do() -> None:
    on = [child(1, "L1 L2"), child(2, "L1"), child(3, "L1"), child(4, "L1 L2")]
    found = links(on, {}).closest
    assert pairs(found)[0] == ("T1", "T4", ["L2", "L1"], [])
    assert found[0]["closeness"] > found[1]["closeness"] == found[-1]["closeness"] > 0


def test_the_closest_pairs_alone_are_those_that_all_of_them_begin_with() -> None:
    on = [child(1, "L1 L2"), child(2, "L1"), child(3, "L1 L3"), child(4, "L1 L2"), child(5, "L3"), child(6)]
    every, closest = links(on, {}), links(on, {}, 3)
    assert closest.closest == every.closest[:3]
    assert (closest.pairs, closest.children) == (every.pairs, every.children) == (7, 5)


def test_only_children_on_the_tracker_are_linked() -> None:
    off = [child(number, "L1", state) for number, state in enumerate(("PROPOSED", "REMOVED", "DECLINED", "HELD"))]
    assert links([*off, child(9, "L1")], {}) == Linked()


def test_a_place_is_where_a_standing_record_saw_the_child() -> None:
    keys = ("intel:r1#1", "intel:r2#2", "btp:b1", "missing:m1")
    mentions = [
        {"mention_key": key, "source": source, "record_ref": ref, "withdrawn": withdrawn}
        for key, source, ref, withdrawn in (
            ("intel:r1#1", "intelligence", "r1", False),
            ("intel:r2#2", "intelligence", "r2", True),
            ("btp:b1", "btp_reports", "b1", False),
            ("missing:m1", "missing_episodes", "m1", False),
        )
    ]
    found = {table: [] for table in SEEN_IN} | {
        "report": [
            {"report_ref": "r1", "location": "tram  stop"},
            {"report_ref": "r2", "location": "withdrawn"},
            {"report_ref": "b1", "location": "a report of the same reference as another feed's"},
        ],
        "btp_report": [{"mention_key": "btp:b1", "station": "Newark Castle"}],
        "missing_episode": [{"mention_key": "missing:m1", "found_place": None}],
    }
    assert places([child(1, keys=keys)], mentions, found) == {"P1": {"tram stop", "Newark Castle"}}


def test_the_sentence_counts_the_children_and_says_how_many_pairs_are_shown() -> None:
    few = links([child(1, "L1"), child(2, "L1"), child(3)], {})
    assert "Of the 3 children currently on the CLVT, 2 share a line or a place" in links_text(few, 3)
    assert "shows these pairs" in links_text(few, 3)
    many = links([child(number, "L1") for number in range(6)], {})
    assert "shows the 10 closest pairs" in links_text(many, 6)
    assert links_text(Linked(), 3) == "Of the 3 children currently on the CLVT, no two share a line or a place."
