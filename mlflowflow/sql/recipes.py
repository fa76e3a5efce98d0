"""How other programs read the tables directly, as programs that can be copied and run.

The page of the layout shows them; the tests run them, on a real store, just as they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One program: its `title`, the `language` it is in, its `code`, and a `remark` (sentences)."""

    title: str
    language: str
    code: str
    remark: str = ""


_STORE: Final = """import json
from pathlib import Path

store, experiment = Path("mlff-data"), "0"
"""
_MANIFEST: Final = """newest = max((store / f"exp/{experiment}/log").glob("*.json"))
manifest = json.loads(newest.read_text())


def files(kind):
    return [str(store / part["key"]) for part in manifest["parts"] if part["kind"] == kind]

"""

DUCKDB: Final = Recipe(
    title="DuckDB",
    language="sql",
    code="""CREATE TEMP TABLE part AS
SELECT unnest(parts, recursive := true)
FROM (
    SELECT parts
    FROM read_json('mlff-data/exp/0/log/*.json',
                   columns = {number: 'BIGINT', parts: 'STRUCT(kind VARCHAR, "key" VARCHAR)[]'})
    ORDER BY number DESC LIMIT 1);

SET VARIABLE metrics = (SELECT list('mlff-data/' || key) FROM part WHERE kind = 'metrics');
SET VARIABLE runs = (SELECT list('mlff-data/' || key) FROM part WHERE kind = 'runs');

-- every point of one metric
CREATE TEMP VIEW loss AS
SELECT run_id, step, ts, value
FROM read_parquet(getvariable('metrics'))
WHERE key = 'loss';

-- every run, from the newest part that has it
CREATE TEMP VIEW runs AS
SELECT *
FROM read_parquet(getvariable('runs'), union_by_name = true, filename = true)
QUALIFY row_number() OVER (
    PARTITION BY run_id ORDER BY list_position(getvariable('runs'), filename) DESC) = 1;

SELECT run_id, "params.depth", "metrics.loss" FROM runs ORDER BY "metrics.loss" LIMIT 10;
""",
    remark="For a bucket write `s3://bucket/prefix` in place of `mlff-data` and load DuckDB's httpfs.",
)

POLARS: Final = Recipe(
    title="Polars",
    language="python",
    code=_STORE
    + _MANIFEST
    + """
import polars as pl

# every point of one metric; the filter is answered by the files' statistics
loss = pl.scan_parquet(files("metrics")).filter(pl.col("key") == "loss").collect()

# every run, from the newest part that has it
parts = [pl.read_parquet(file) for file in files("runs")]
runs = pl.concat(parts, how="diagonal").unique("run_id", keep="last", maintain_order=True)

print(runs.select("run_id", "params.depth", "metrics.loss").sort("metrics.loss").head(10))
""",
)

PANDAS: Final = Recipe(
    title="pandas and pyarrow",
    language="python",
    code=_STORE
    + 'hot = sorted((store / f"exp/{experiment}/hot").glob("*.parquet"))  # before the manifest is read\n'
    + _MANIFEST
    + """
import pandas as pd
import pyarrow.dataset as ds

# every point of one metric in the parts; the filter is answered by the files' statistics
loss = ds.dataset(files("metrics")).to_table(filter=ds.field("key") == "loss").to_pandas()

# ... and in the segments that are in no part yet
for file in hot:
    writer, seq, _ = file.name.split(".")
    if int(seq) > manifest["watermarks"].get(writer, -1):
        rows = pd.read_parquet(file)
        rows = rows[(rows["kind"] == "metric") & (rows["key"] == "loss")]
        loss = pd.concat([loss, rows[loss.columns]], ignore_index=True)

# every run in the parts, from the newest part that has it
runs = pd.concat([pd.read_parquet(file) for file in files("runs")]).drop_duplicates("run_id", keep="last")

print(runs[["run_id", "params.depth", "metrics.loss"]].sort_values("metrics.loss").head(10))
""",
)

SPARK: Final = Recipe(
    title="Spark",
    language="python",
    code=_STORE
    + _MANIFEST
    + """
from functools import reduce

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()

# every point of one metric
loss = spark.read.parquet(*files("metrics")).where("key = 'loss'")

# every run, from the newest part that has it; names of columns hold points, so they stand in backquotes
parts = [spark.read.parquet(file).withColumn("part", F.lit(n)) for n, file in enumerate(files("runs"))]
together = reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), parts)
newest_first = Window.partitionBy("run_id").orderBy(F.desc("part"))
runs = together.withColumn("nth", F.row_number().over(newest_first)).where("nth = 1").drop("nth", "part")

runs.select("run_id", "`params.depth`", "`metrics.loss`").orderBy("`metrics.loss`").show(10)
""",
    remark="This one is not run by the tests of mlflowflow.",
)

#: In the order in which the page shows them.
RECIPES: Final = (DUCKDB, POLARS, PANDAS, SPARK)
