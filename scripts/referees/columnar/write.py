"""Writes files of Parquet and Arrow with pyarrow, polars and DuckDB, and beside each its rows as pyarrow reads them: write.py FOLDER."""

import sys

import duckdb
import polars
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet
from tables import all_types, arrow_types, write_rows

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
    write_rows(parquet.read_table(f"{folder}/{name}.parquet"), f"{folder}/{name}.parquet.jsonl")

everything = arrow_types(300)


def write_arrow(name, rows, writer=ipc.new_file, **options):
    with writer(f"{folder}/{name}", rows.schema, options=ipc.IpcWriteOptions(**options)) as file:
        file.write_table(rows, max_chunksize=70)
    write_rows(rows, f"{folder}/{name}.jsonl")


write_arrow("pyarrow.arrow", everything)
write_arrow("pyarrow.arrows", everything, ipc.new_stream)
write_arrow("pyarrow-zstd.arrow", everything, compression="zstd")
write_arrow("pyarrow-lz4.arrows", everything, ipc.new_stream, compression="lz4")
write_arrow("pyarrow-legacy.arrows", everything, ipc.new_stream, use_legacy_format=True)
write_arrow("pyarrow-deltas.arrows", everything, ipc.new_stream, emit_dictionary_deltas=True)
write_arrow("pyarrow-v4.arrow", everything, metadata_version=ipc.MetadataVersion.V4)
write_arrow("pyarrow-no-rows.arrow", everything.slice(0, 0))
write_arrow("duckdb.arrow", duckdb.sql(query).to_arrow_table())
feather.write_feather(table, f"{folder}/pyarrow.feather")
write_rows(table, f"{folder}/pyarrow.feather.jsonl")
frame = polars.from_arrow(plain)
for name, options in {"plain": {}, "zstd": {"compression": "zstd"}, "lz4": {"compression": "lz4"}}.items():
    frame.write_ipc(f"{folder}/polars-{name}.arrow", record_batch_size=70, **options)
frame.write_ipc_stream(f"{folder}/polars-stream.arrows")
for name in ["plain.arrow", "zstd.arrow", "lz4.arrow", "stream.arrows"]:
    write_rows(plain, f"{folder}/polars-{name}.jsonl")
