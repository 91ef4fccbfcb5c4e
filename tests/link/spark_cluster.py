"""A standalone Spark on this machine: a master and two workers, a process each, with encryption as a force has it."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

from tests.ports import free_port, wait_for

WORKERS = 2
START_SECONDS = 60
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
SETTINGS = """
spark.master                    spark://127.0.0.1:{port}
spark.authenticate              true
spark.authenticate.secret       {secret}
spark.network.crypto.enabled    true
spark.driver.host               127.0.0.1
spark.driver.bindAddress        127.0.0.1
spark.driver.memory             1g
spark.executor.memory           1g
spark.executor.cores            1
spark.sql.shuffle.partitions    4
"""


@contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """The folder to name in SPARK_CONF_DIR, while the master and its workers run."""
    port = free_port()
    (folder / "spark-defaults.conf").write_text(SETTINGS.format(port=port, secret=secrets.token_hex(16)))
    with ExitStack() as stack:
        stack.enter_context(_daemon(folder, "master.Master", "--host", "127.0.0.1", "--port", str(port)))
        wait_for(port)
        for number in range(WORKERS):
            work = folder / f"worker-{number}"
            options = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--work-dir", str(work))
            stack.enter_context(_daemon(folder, "worker.Worker", *options, f"spark://127.0.0.1:{port}"))
        yield folder


@contextmanager
def _daemon(folder: Path, name: str, *arguments: str) -> Iterator[None]:
    command = [str(SPARK_CLASS), f"org.apache.spark.deploy.{name}", "--webui-port", "0", *arguments]
    with (folder / "spark.log").open("a") as log:
        env = {**os.environ, "SPARK_CONF_DIR": str(folder)}
        started = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            yield
        finally:
            started.terminate()
            started.wait(timeout=START_SECONDS)
