"""`make mutants`: make every change of the rules, or of the modules named, and print those that no test notices.

Exits 1 where fewer than 95 of 100 are noticed, or where a change that is listed as one that changes nothing is gone.
"""

import sys

from tests.mutants.changes import changes
from tests.mutants.rules import NOTICED, RULES, survivors
from tests.mutants.run import unnoticed, warm


def main(paths: list[str]) -> int:
    """Print each change that no test notices, and how many are noticed."""
    warm(sorted({test for path in paths for test in RULES[path]}))
    nothing, made, missed, names = survivors(), 0, 0, set()
    for path in paths:
        every = list(changes(path))
        names |= {change.name for change in every}
        tried = [change for change in every if change.name not in nothing]
        made += len(tried)
        print(f"{path}: {len(tried)} changes", flush=True)
        for change in unnoticed((change, RULES[path]) for change in tried):
            missed += 1
            print(f"  not noticed: {change.before}  ->  {change.after}", flush=True)
    gone = [name for name in nothing if name.split(":")[0] in paths and name not in names]
    for name in gone:
        print(f"  listed in survivors.yml, and not there any more: {name}")
    print(f"{made - missed} of {made} changes are noticed ({100 * (made - missed) / made:.1f} of 100).")
    return 1 if gone or (made - missed) / made < NOTICED else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(RULES)))
