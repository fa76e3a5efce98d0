"""Datasets as inputs of runs: what was used, where it came from, and a digest that tells it apart.

A dataset object holds the data of a program (`from_pandas`, `from_numpy`, …) or only knows where it
lies (`from_parquet`, `meta_dataset.MetaDataset`). What a run keeps of it is small: a name, a digest,
the source, a schema and a profile, all as text. Names, arguments and digests are MLflow's, so the
same table has the same digest whichever of the two libraries logged it.

pandas, NumPy, Polars and the others are imported by the functions that need them.
"""

from mlflowflow.data.dataset import Dataset
from mlflowflow.data.dataset_source import DatasetSource
from mlflowflow.data.huggingface_dataset import from_huggingface
from mlflowflow.data.numpy_dataset import from_numpy
from mlflowflow.data.pandas_dataset import from_pandas
from mlflowflow.data.parquet_dataset import from_parquet
from mlflowflow.data.polars_dataset import from_polars
from mlflowflow.data.sources import get_source
from mlflowflow.data.spark_dataset import from_spark, load_delta
from mlflowflow.data.tensorflow_dataset import from_tensorflow

__all__ = [
    "Dataset",
    "DatasetSource",
    "from_huggingface",
    "from_numpy",
    "from_pandas",
    "from_parquet",
    "from_polars",
    "from_spark",
    "from_tensorflow",
    "get_source",
    "load_delta",
]
