"""Which mentions have to be decided on together?

Two mentions that share a candidate pair or a decision belong to one component; no decision in one component can change
another. A night decides again only the components that something new touches.
"""

import numpy as np
import numpy.typing as npt

from transforms.link.blocking import Rows


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
