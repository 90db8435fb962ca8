"""Reads pairs of files with pyarrow, polars and DuckDB and tells what differs: compare.py ORIGINAL COPY …"""

import sys

import duckdb
import polars
import pyarrow as pa
from compare_tables import table_of
from tables import BYTES, LISTS, cells_of


TEXTS = [
    pa.types.is_null,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_duration,
    pa.types.is_interval,
]


def kept(kind, zone):
    """The type that a column comes back with: categories, nulls and lengths of time are text, large types small."""
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return kept(kind.value_type, zone)
    if any(is_text(kind) for is_text in TEXTS):
        return pa.string()
    if pa.types.is_decimal(kind):
        return (pa.decimal128 if kind.precision <= 38 else pa.decimal256)(kind.precision, kind.scale)
    if pa.types.is_date64(kind):
        return pa.date32()
    if any(is_bytes(kind) for is_bytes in BYTES):
        return kind if pa.types.is_fixed_size_binary(kind) else pa.binary()
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit, zone or kind.tz)
    if any(is_list(kind) for is_list in LISTS):
        return pa.list_(kept(kind.value_type, zone))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, kept(field.type, zone)) for field in kind])
    return kind


def frame_of(path, table, name):
    if path.endswith(".parquet"):
        return polars.read_parquet(path, columns=[name])[name]
    # Its own reader of Arrow reads no file with a type that it lacks, though of other columns.
    if "polars-" not in path:
        return polars.from_arrow(table.select([name]))[name]
    return (polars.read_ipc_stream if path.endswith(".arrows") else polars.read_ipc)(path, columns=[name])[name]


def rows_of(path, table):
    if path.endswith(".parquet"):
        return duckdb.sql(f"from read_parquet('{path}')").fetchall()
    return duckdb.from_arrow(table).fetchall()


# What polars has no cells for, or others than the text that we make of them.
NOT_IN_POLARS = [
    "decimal50",
    "decimal9 of 32 bits",
    "decimal18 of 64 bits",
    "category of integers",
    "date ms",
    "duration",
    "interval",
    "list view",
    "map",
    "map of integers",
    "runs",
]
NOT_IN_DUCKDB = ["date ms", "decimal50", "duration", "float16", "interval", "two items"]


def read(original, copy):
    before, after = table_of(original), table_of(copy)
    if before.column_names != after.column_names:
        yield f"pyarrow: columns {before.column_names} are {after.column_names}"
        return
    zone = "UTC" if original.endswith(".parquet") else None
    for name in before.column_names:
        wanted = kept(before[name].type, zone)
        if not wanted.equals(kept(after[name].type, zone)) or pa.types.is_dictionary(after[name].type):
            yield f"pyarrow: the type of {name} is {after[name].type}, and was {before[name].type}"
        elif cells_of(before[name]) != cells_of(after[name]):
            yield f"pyarrow: cells of {name} differ"
    for name in before.column_names:
        if name in NOT_IN_POLARS:
            continue
        one, other = frame_of(original, before, name), frame_of(copy, after, name)
        if one.to_list() != other.to_list():
            yield f"polars: cells of {name} differ"
    names = [name for name in before.column_names if name not in NOT_IN_DUCKDB or original.endswith(".parquet")]
    if rows_of(original, before.select(names)) != rows_of(copy, after.select(names)):
        yield "DuckDB: rows differ"


paths = sys.argv[1:]
for original, copy in zip(paths[::2], paths[1::2]):
    for difference in read(original, copy):
        print(f"{original}: {difference}")
