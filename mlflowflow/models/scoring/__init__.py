"""Asking a model about more rows than fit into memory: Parquet in, Parquet out.

`plan` divides the input into parts and gives each its file in the output; `part` answers one of them,
batch by batch; `answers` turns what a model returns into columns; `output` is the folder of results,
which says what job it belongs to. Who runs the parts, and where, is decided above
(`mlflowflow.orchestration.scoring`).
"""
