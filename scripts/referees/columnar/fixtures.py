"""Writes the small files that the quick tests of packages/formats read: python3 fixtures.py FOLDER."""

import sys

import polars
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet
from tables import all_types, arrow_types, write_rows

folder = sys.argv[1]
table = all_types(9)
write_rows(table, f"{folder}/all-types.jsonl")
parquet.write_table(table, f"{folder}/all-types.parquet", row_group_size=5)
parquet.write_table(
    table,
    f"{folder}/all-types-pages.parquet",
    compression="zstd",
    data_page_version="2.0",
    use_dictionary=False,
    data_page_size=16,
    write_batch_size=1,
    store_schema=False,
)
texts = table.select(["int32", "text", "list", "null"])
for codec in ["gzip", "brotli", "lz4", "none"]:
    parquet.write_table(texts, f"{folder}/{codec}.parquet", compression=codec, store_schema=False)
parquet.write_table(table.select(["timestamp us"]), f"{folder}/int96.parquet", use_deprecated_int96_timestamps=True)

everything = arrow_types(9)
write_rows(everything, f"{folder}/arrow-types.jsonl")
for name, writer, options in [
    ("arrow-types.arrow", ipc.new_file, {}),
    ("arrow-types.arrows", ipc.new_stream, {"compression": "zstd", "emit_dictionary_deltas": True}),
    ("legacy.arrows", ipc.new_stream, {"use_legacy_format": True}),
]:
    with writer(f"{folder}/{name}", everything.schema, options=ipc.IpcWriteOptions(**options)) as file:
        file.write_table(everything, max_chunksize=5)
feather.write_feather(table, f"{folder}/lz4.feather")
polars.from_arrow(texts).write_ipc(f"{folder}/polars.arrow")
