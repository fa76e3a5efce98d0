"""Hypothesis strategies for signatures."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from mlflowflow.models.schema import (
    AnyType,
    ArrayType,
    ColumnSchema,
    ColumnSpec,
    ColumnType,
    DataType,
    MapType,
    ObjectType,
    ParamSpec,
    Property,
    Schema,
    TensorSchema,
    TensorSpec,
)
from mlflowflow.models.signature import ModelSignature

names = st.text(min_size=1, max_size=8)
scalars = st.sampled_from(DataType)


def _object(inner: st.SearchStrategy[ColumnType]) -> st.SearchStrategy[ObjectType]:
    parts = st.builds(Property, name=names, type=inner, required=st.booleans())
    return st.lists(parts, max_size=3, unique_by=lambda part: part.name).map(lambda p: ObjectType(tuple(p)))


def _nested(inner: st.SearchStrategy[ColumnType]) -> st.SearchStrategy[ColumnType]:
    return st.one_of(inner.map(ArrayType), inner.map(MapType), _object(inner))


types: st.SearchStrategy[ColumnType] = st.recursive(
    st.one_of(scalars, st.builds(AnyType)), _nested, max_leaves=4
)

named_columns = st.lists(
    st.builds(ColumnSpec, name=names | st.integers(0, 9), type=types, required=st.booleans()),
    max_size=4,
    unique_by=lambda column: repr(column.name),
)
unnamed_columns = st.lists(st.builds(ColumnSpec, type=types, required=st.booleans()), max_size=3)
shapes = st.lists(st.integers(-1, 5), max_size=3).map(tuple)
dtypes = st.sampled_from(["float64", "float32", "int8", "int32", "int64", "uint8", "bool", "str", "object"])
tensors = st.builds(TensorSpec, dtype=dtypes, shape=shapes)
named_tensors = st.lists(
    st.builds(TensorSpec, dtype=dtypes, shape=shapes, name=names),
    min_size=1,
    max_size=3,
    unique_by=lambda tensor: tensor.name,
)

schemas: st.SearchStrategy[Schema] = st.one_of(
    (named_columns | unnamed_columns).map(lambda columns: ColumnSchema(tuple(columns))),
    tensors.map(lambda tensor: TensorSchema((tensor,))),
    named_tensors.map(lambda many: TensorSchema(tuple(many))),
)

_defaults = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers()))
params = st.lists(
    st.builds(
        ParamSpec,
        name=names,
        type=scalars,
        default_json=_defaults.map(json.dumps),
        shape=st.none() | st.just((-1,)),
    ),
    max_size=3,
    unique_by=lambda param: param.name,
).map(tuple)

signatures = st.builds(ModelSignature, inputs=schemas, outputs=st.none() | schemas, params=st.none() | params)
