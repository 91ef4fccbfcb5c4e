"""The model of linkage knows nothing of nights."""

import ast
from pathlib import Path

import transforms.link.model

ROOM = Path(transforms.link.model.__file__).parent


def test_the_model_imports_nothing_of_linkage_outside_its_room() -> None:
    imported = {
        node.module
        for path in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("transforms.link")
    }
    assert {name for name in imported if not name.startswith("transforms.link.model")} == set()
