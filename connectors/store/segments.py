"""Where does linkage keep its index from night to night?

A night's folder holds the segment that the night made, and a list of the nights whose segments are the whole index.
Each is bound to what the stage `link` of its night sealed. An index that is lost, older than the code or not of these
nights is no index: linkage makes it again.
"""

import json
import os
import shutil
from datetime import date
from typing import Any

import pyarrow as pa

from connectors.store.paths import Home, RunFolder
from connectors.store.sealed import stamp

LIST = "INDEX.json"
SEGMENT = "segment.arrow"
STAGE = "link"

Nights = dict[date, pa.Table]


def opened(home: Home, night: RunFolder, version: str) -> Nights:
    """The segments that a night left, mapped into memory, by the night that made each; none where that is no index."""
    try:
        listed = _listed(night, version)
        found = {date.fromisoformat(name): made_with for name, made_with in listed["nights"].items()}
        for one, made_with in found.items():
            if _listed(home.run(one), version)["made_with"] != made_with:
                return {}
        return {one: _mapped(home.run(one)) for one in found}
    except (OSError, ValueError, KeyError, pa.ArrowInvalid):
        return {}


def keep(home: Home, run: RunFolder, version: str, carried: list[date], made: list[pa.Table]) -> None:
    """Keep a night's index: the segments of earlier nights that it goes on with, and the one it has made, if any."""
    folder = run.index.with_name(".index.unfinished")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    nights = {one.isoformat(): stamp(home.run(one), STAGE) for one in carried}
    for segment in made:
        nights[run.as_of.isoformat()] = stamp(run, STAGE)
        with pa.ipc.new_file(str(folder / SEGMENT), segment.schema) as file:
            file.write_table(segment)
    listed = {"version": version, "made_with": stamp(run, STAGE), "nights": nights}
    (folder / LIST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(run.index, ignore_errors=True)
    os.replace(folder, run.index)


def let_go(home: Home) -> None:
    """Drop the segments of all nights that the last night's index does not go on with; none where it has no index."""
    linked = [night for night in home.nights() if home.run(night).is_sealed(STAGE)]
    try:
        listed = json.loads((home.run(linked[-1]).index / LIST).read_text(encoding="utf-8"))["nights"]
    except (OSError, ValueError, KeyError, IndexError):
        return
    for night in {*home.nights()} - {linked[-1], *map(date.fromisoformat, listed)}:
        shutil.rmtree(home.run(night).index, ignore_errors=True)


def _listed(run: RunFolder, version: str) -> dict[str, Any]:
    """The list of a night; ValueError where it was not made by this version, or with what the night then sealed."""
    listed: dict[str, Any] = json.loads((run.index / LIST).read_text(encoding="utf-8"))
    if listed["version"] != version or listed["made_with"] != stamp(run, STAGE):
        raise ValueError(f"The index of {run.as_of} is out of date.")
    return listed


def _mapped(run: RunFolder) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(run.index / SEGMENT))).read_all()
