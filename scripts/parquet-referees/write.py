"""Writes Parquet files with pyarrow, polars and DuckDB, and beside each its rows as pyarrow reads them: write.py FOLDER."""

import sys

import duckdb
import polars
import pyarrow.parquet as parquet
from tables import all_types, write_rows

folder = sys.argv[1]
table = all_types(300)
plain = table.drop(["decimal50", "map", "map of integers", "null"])

WRITERS = {
    "snappy": {"compression": "snappy", "row_group_size": 70},
    "zstd": {"compression": "zstd", "data_page_size": 256, "write_batch_size": 7},
    "gzip": {"compression": "gzip", "data_page_version": "2.0"},
    "brotli": {"compression": "brotli", "data_page_version": "2.0", "data_page_size": 64, "write_batch_size": 3},
    "lz4": {"compression": "lz4", "use_dictionary": False},
    "none": {"compression": "none", "store_schema": False, "write_page_index": True},
}
for name, options in WRITERS.items():
    parquet.write_table(table, f"{folder}/pyarrow-{name}.parquet", **options)
numbers = table.select(["int32", "int64", "text"])
delta = {"int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY"}
parquet.write_table(numbers, f"{folder}/pyarrow-delta.parquet", use_dictionary=False, column_encoding=delta)
floats = table.select(["float32", "float64"])
parquet.write_table(floats, f"{folder}/pyarrow-split.parquet", use_dictionary=False, use_byte_stream_split=True)
parquet.write_table(table.slice(0, 0), f"{folder}/pyarrow-no-rows.parquet")
polars.from_arrow(plain).write_parquet(f"{folder}/polars.parquet", row_group_size=90)
source = f"read_parquet('{folder}/pyarrow-none.parquet')"
query = f"select * exclude (decimal50, \"null\") from {source}"
duckdb.sql(f"copy ({query}) to '{folder}/duckdb.parquet' (format parquet, row_group_size 2048)")
for name in [*(f"pyarrow-{name}" for name in WRITERS), "pyarrow-delta", "pyarrow-split", "pyarrow-no-rows", "polars", "duckdb"]:
    write_rows(parquet.read_table(f"{folder}/{name}.parquet"), f"{folder}/{name}.jsonl")
