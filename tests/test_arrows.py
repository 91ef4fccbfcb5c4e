"""Who may import whom, and what a transform may not touch: read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

# Every folder of code, with those of ours that it may import beside itself. Nothing may import dags or plugins.
ARROWS = {
    "expectations": set(),
    "transforms": {"expectations"},
    "connectors": {"expectations"},
    "night": {"transforms", "connectors", "expectations"},
    "dags": {"night", "transforms", "connectors", "expectations"},
    "plugins": {"night", "transforms", "connectors", "expectations"},
    "demo": {"connectors", "expectations"},
    "clvt": {"demo", "night", "transforms", "connectors", "expectations"},
    "bench": {"clvt", "demo", "night", "transforms", "connectors", "expectations"},
    "docker": {"connectors"},
    "setup": set(),
}
ONLY_IN = {
    "airflow": {"dags", "plugins", "clvt/airflow_connections.py", "docker/fab_roles.py"},
    "great_expectations": {"expectations"},
}
UNSAYING = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "process_data"}

# A transform has no network, clock, chance, environment, process, log or disk, but for reading its own data files.
IMPURE_MODULES = {
    *("asyncio", "ftplib", "getpass", "http", "httpx", "logging", "multiprocessing", "os", "paramiko", "platform"),
    *("pyarrow.parquet", "random", "requests", "secrets", "shutil", "smtplib", "socket", "sqlalchemy", "sqlite3"),
    *("ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "warnings"),
}
IMPURE_CALLS = {
    *("datetime.now", "datetime.today", "datetime.utcnow", "date.today", "Timestamp.now", "Timestamp.today"),
    *("uuid1", "uuid4", "print", "input", "eval", "exec", "read_csv", "read_parquet", "to_parquet"),
    *("write_text", "write_bytes", "mkdir", "touch", "unlink", "rename", "rmdir"),
}


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (PROJECT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all modules that a source imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree: ast.AST) -> Iterator[str]:
    """All functions and methods that a source calls: by name, and with the name that they are called on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).split(".")
            yield from (name[-1], ".".join(name[-2:]))


def is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def trespasses(folder: str, name: str, file: str = "") -> bool:
    """True where a folder, or a file of it that is named in ONLY_IN, may not import a name."""
    top = name.split(".")[0]
    if top in ARROWS:
        return top != folder and top not in ARROWS[folder]
    return top in ONLY_IN and not {folder, file} & ONLY_IN[top]


def impurities(tree: ast.AST) -> set[str]:
    """What a transform must not import or call."""
    modules = {name for name in imported(tree) for module in IMPURE_MODULES if is_within(name, module)}
    return modules | (set(called(tree)) & IMPURE_CALLS)


@pytest.mark.parametrize("folder", ARROWS)
def test_a_folder_imports_only_what_its_arrows_allow(folder: str) -> None:
    wrong = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in sources(folder)
        for name in imported(parsed(path))
        if trespasses(folder, name, str(path.relative_to(PROJECT)))
    ]
    assert wrong == []


def test_every_folder_of_code_has_its_arrows() -> None:
    code = {path.relative_to(PROJECT).parts[0] for path in PROJECT.glob("[a-z]*/**/*.py")}
    assert code - {"tests", "data", "build"} <= set(ARROWS)


def test_transforms_are_pure() -> None:
    found = {str(path.relative_to(PROJECT)): impurities(parsed(path)) for path in sources("transforms")}
    assert {path: sorted(names) for path, names in found.items() if names} == {}


def test_no_module_is_named_for_nothing() -> None:
    named = [path for folder in ARROWS for path in sources(folder) if {path.stem, path.parent.name} & UNSAYING]
    assert named == []


def test_great_expectations_is_imported_only_when_it_is_needed() -> None:
    for path in sources("expectations"):
        tree = parsed(path)
        assert isinstance(tree, ast.Module)
        at_the_top = [
            name for node in tree.body for name in imported(node) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not any(is_within(name, "great_expectations") for name in at_the_top), path


@pytest.mark.parametrize(
    ("folder", "source", "expected"),
    [
        ("transforms", "from connectors import sealed", True),
        ("transforms", "from expectations.contracts import contract", False),
        ("connectors", "import transforms.link", True),
        ("expectations", "from night.run import Run", True),
        ("expectations", "import great_expectations", False),
        ("connectors", "def f():\n    import great_expectations as gx", True),
        ("night", "from airflow.sdk import task", True),
        ("plugins", "from airflow.plugins_manager import AirflowPlugin", False),
        ("clvt", "from dags.nightly import nightly", True),
    ],
)
def test_the_arrows_see_what_they_are_for(folder: str, source: str, expected: bool) -> None:
    assert any(trespasses(folder, name) for name in imported(ast.parse(source))) is expected


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "from os import environ",
        "import urllib.request",
        "from datetime import date\ndate.today()",
        "import datetime\ndatetime.datetime.now()",
        "def f(path):\n    path.write_text('')",
        "print('Zebediah')",
    ],
)
def test_purity_sees_what_it_is_for(source: str) -> None:
    assert impurities(ast.parse(source))
