"""MLflow's search language over any record, with OR, NOT and parentheses added; pure functions.

`tokens` → `tree` → `vocabulary` → `parser`, `order` → `records`, each resting on the one before.
"""

from mlflowflow.tracking.query.order import Order, SortKey, parse_order
from mlflowflow.tracking.query.parser import Filter, parse
from mlflowflow.tracking.query.records import (
    EXPERIMENTS,
    RUNS,
    RunFilter,
    RunOrder,
    parse_filter,
    parse_order_by,
    search_experiments,
    sort_runs,
)
from mlflowflow.tracking.query.vocabulary import ValueType, Vocabulary

__all__ = [
    "EXPERIMENTS",
    "RUNS",
    "Filter",
    "Order",
    "RunFilter",
    "RunOrder",
    "SortKey",
    "ValueType",
    "Vocabulary",
    "parse",
    "parse_filter",
    "parse_order",
    "parse_order_by",
    "search_experiments",
    "sort_runs",
]
