"""Who is tied to whom by what few share, and where children live and were seen."""

import re

from hypothesis import given
from hypothesis import strategies as st

from transforms.report.network import FEW, MOST, Area, Tie, areas, network_of, ties, tile_map


def child(name: str, *lines: str) -> dict:
    return {"person_id": name, "line_refs": list(lines)}


def test_what_two_to_six_share_ties_them_and_the_rarest_comes_first():
    crowd = [child(f"c{number}", "L-all") for number in range(FEW + 1)]
    found = ties(
        [child("a", "L1"), child("b", "L1"), child("c"), *crowd], {"a": {"park"}, "b": {"park"}, "c": {"park"}}, {}
    )
    assert [(tie.kind, tie.name, tie.children) for tie in found] == [
        ("line", "L1", ("a", "b")),
        ("place", "park", ("a", "b", "c")),
    ]
    assert found[0].weight > found[1].weight


def test_a_child_is_counted_once_where_they_live_and_once_where_they_were_seen():
    rows = [
        {"person_id": "a", "kind": "HOME_AREA", "value": "City North"},
        {"person_id": "a", "kind": "SEEN_AREA", "value": "Newark"},
        {"person_id": "a", "kind": "SEEN_AREA", "value": "Newark"},
        {"person_id": "gone", "kind": "HOME_AREA", "value": "Newark"},
    ]
    assert areas(["City North", "Newark"], rows, {"a"}) == [Area("City North", 1, 0), Area("Newark", 0, 1)]


def test_a_tile_says_both_numbers_and_is_darkest_where_most_live():
    drawn = str(tile_map([Area("City North", 3, 9), Area("Newark", 0, 2)]))
    assert re.search(r"level-3.*City North.*3 live here.*9 seen here.*level-0.*Newark.*0 live here.*2 seen here", drawn)


def test_a_hostile_name_is_text_in_a_drawing():
    drawn = str(network_of([Tie("<script>", "line", ("a", "b"))], {"a": "O'<b>", "b": "B"}))
    assert "<script>" not in drawn
    assert "O&#39;&lt;b&gt;" in drawn


NAMES = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(st.text("xyz", min_size=1, max_size=3), st.sets(NAMES, min_size=2, max_size=4)), max_size=8))
def test_the_same_ties_are_drawn_the_same_and_inside_the_drawing(given_ties):
    found = [Tie(name, "line", tuple(sorted(whose))) for name, whose in given_ties][:MOST]
    drawn = str(network_of(found, {}))
    assert drawn == str(network_of(found, {}))
    _, _, width, height = map(float, re.findall(r'viewBox="([^"]+)"', drawn)[0].split())
    assert all(
        0 <= float(x) <= width and 0 <= float(y) <= height for x, y in re.findall(r'cx="(\d+)" cy="(\d+)"', drawn)
    )


def test_a_long_name_stays_inside_the_drawing():
    names = {one: f"Featherstonehaugh-Cholmondeley, {one.upper()} Bartholomew" for one in "abcd"}
    drawn = str(network_of([Tie("p", "place", ("a", "b")), Tie("q", "place", ("c", "d"))], names))
    _, _, width, _ = map(float, re.findall(r'viewBox="([^"]+)"', drawn)[0].split())
    begins = [(float(x), words) for x, words in re.findall(r'class="of-child" x="(\d+)"[^>]*>([^<]+)', drawn)]
    assert len(begins) == 4
    assert all(0 <= x <= width - 7 * len(words) + 1 for x, words in begins)
