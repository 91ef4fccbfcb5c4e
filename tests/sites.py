"""Site files of other forces, for tests: the example's places under another force's code."""

from pathlib import Path
from typing import Any

import yaml

from expectations.site import DEFAULT, OWN


def written(folder: Path, code: str, **own: Any) -> Path:
    """A site file of a force in a home, which is made: what is not given is the example's."""
    folder.mkdir(parents=True, exist_ok=True)
    example = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    settings = {"force_code": code, **{name: example[name] for name in OWN}, "force_name": f"Force {code}", **own}
    path = folder / "site.yml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return path
