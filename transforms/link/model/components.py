"""Which mentions have to be decided on together?

Two mentions that share a candidate pair or a decision belong to one component; no decision in one component can change
another. A night decides again only the components that something new touches.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
UNKNOWN = -1


def components(size: int, left: Rows, right: Rows) -> Rows:
    """For each of `size` rows the smallest row it is connected with by the pairs (left[i], right[i])."""
    label: npt.NDArray[np.int64] = np.arange(size)
    while len(left):
        smallest = np.minimum(label[left], label[right])
        before = label.copy()
        np.minimum.at(label, label[left], smallest)
        np.minimum.at(label, label[right], smallest)
        label = label[label]
        if np.array_equal(label, before):
            break
    return label


def single_valued(values: npt.NDArray[Any], part: Rows, parts: int) -> npt.NDArray[np.bool_]:
    """For each part, True where its rows have at most one known value."""
    least, most = extremes(values, part, parts)
    return np.asarray(least == most)


def extremes(values: npt.NDArray[Any], part: Rows, parts: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each part the least and the most of the known values of its rows; UNKNOWN where there is none."""
    known = values != UNKNOWN
    # Of one type with the outcome: otherwise numpy takes 40 times as long.
    of, found = part[known], values[known].astype(np.int64)
    most = np.full(parts, UNKNOWN, np.int64)
    least = np.full(parts, np.iinfo(np.int64).max)
    np.maximum.at(most, of, found)
    np.minimum.at(least, of, found)
    return np.where(most == UNKNOWN, UNKNOWN, least), most
