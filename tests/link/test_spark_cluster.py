"""Does `clvt link` come to the same on a Spark cluster, whose workers are other processes than its own?

A real standalone cluster on this machine: a master and two workers, each with a Python of its own.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest

from bench.link_forces import force

MENTIONS = 200
WORKERS = 2
DEFAULTS = """\
spark.master                     spark://127.0.0.1:{port}
spark.authenticate               true
spark.authenticate.secret        for-this-test-only
spark.network.crypto.enabled     true
spark.driver.host                127.0.0.1
spark.driver.bindAddress         127.0.0.1
spark.driver.memory              1g
spark.executor.memory            600m
spark.executor.cores             1
spark.cores.max                  {workers}
spark.sql.shuffle.partitions     {workers}
spark.eventLog.enabled           true
spark.eventLog.compress          false
spark.eventLog.dir               {folder}/events
"""
PATIENCE = 240  # seconds; a busy machine starts a JVM slowly


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The configuration of a cluster that runs."""
    folder = tmp_path_factory.mktemp("spark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "events").mkdir()
    (folder / "spark-defaults.conf").write_text(DEFAULTS.format(port=port, workers=WORKERS, folder=folder))
    with ExitStack() as stack:
        _started(stack, folder, "master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        for number in range(WORKERS):
            offered = ("--cores", "1", "--memory", "700m", "--webui-port", "0", "--host", "127.0.0.1")
            work = ("--work-dir", str(folder / f"work{number}"))
            _started(stack, folder, "worker.Worker", *offered, *work, f"spark://127.0.0.1:{port}")
        _wait_for(folder / "master.Master.log", "Registering worker", WORKERS)
        yield folder


def _started(stack: ExitStack, folder: Path, name: str, *arguments: str) -> None:
    import pyspark

    home = Path(pyspark.__file__).parent
    log = stack.enter_context((folder / f"{name}.log").open("ab"))
    environment = os.environ | {"SPARK_CONF_DIR": str(folder), "SPARK_HOME": str(home)}
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    stack.callback(process.wait)
    stack.callback(process.terminate)


def _wait_for(log: Path, said: str, times: int) -> None:
    end = time.monotonic() + PATIENCE
    while log.read_text().count(said) < times:
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


def linked(source: Path, **environment: str) -> tuple[bytes, bytes]:
    """The persons and pairs of `clvt link`."""
    out, pairs = source.with_name("persons.csv"), source.with_name("pairs.csv")
    command = [sys.executable, "-m", "clvt", "link", str(source), "--out", str(out), "--pairs", str(pairs)]
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True, text=True)
    return out.read_bytes(), pairs.read_bytes()


def test_two_workers_find_the_same_people_pairs_and_questions(cluster: Path, tmp_path: Path) -> None:
    source = tmp_path / "mentions.csv"
    rows = pd.DataFrame(force("households", MENTIONS, seed=7)).drop(columns="person")
    rows.rename(columns={"key": "mention_key"}).to_csv(source, index=False)
    here = linked(source)
    assert linked(source, CLVT_LINK_ENGINE="spark", SPARK_CONF_DIR=str(cluster)) == here
    assert b",ask," in here[1]
    events = [file for file in (cluster / "events").rglob("*") if file.is_file()]
    said = "".join(file.read_text(errors="replace") for file in events)
    assert all(f'"Executor ID":"{number}"' in said for number in range(WORKERS))
