"""The tables of one run as folders of Parquet files; each step writes one, so that no step is done twice.

Must not know what a table holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdedup.jobs.errors import JobError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WORK = "work"


class Tables:
    """Tables in a folder that Spark can write to, on any file system that it knows."""

    def __init__(self, spark: SparkSession, folder: str) -> None:
        self.spark = spark
        self.folder = folder.rstrip("/")

    def require_empty(self) -> None:
        """Refuse a folder that holds something.

        Raises:
            JobError: it does.
        """
        path, system = self._open(self.folder)
        if system.exists(path) and len(system.listStatus(path)):
            raise JobError(f"{self.folder!r} is not empty; give another folder")

    def write(self, name: str, table: DataFrame) -> DataFrame:
        """Write a table, and what it reads as from now on."""
        path = f"{self.folder}/{name}"
        table.write.parquet(path)
        return self.spark.read.schema(table.schema).parquet(path)

    def write_work(self, name: str, table: DataFrame) -> DataFrame:
        """Write a table that nobody needs once the run is over."""
        return self.write(f"{_WORK}/{name}", table)

    def drop_work(self) -> None:
        """Delete the tables that nobody needs any more."""
        path, system = self._open(f"{self.folder}/{_WORK}")
        system.delete(path, True)

    def _open(self, folder: str) -> tuple[Any, Any]:
        """Path and file system as Java knows them."""
        context = self.spark.sparkContext
        java: Any = context._jvm  # noqa: SLF001  the documented way to Hadoop's file systems
        path = java.org.apache.hadoop.fs.Path(folder)
        return path, path.getFileSystem(context._jsc.hadoopConfiguration())  # noqa: SLF001
