"""Reads pairs of files with pyarrow, polars and DuckDB and tells what differs: compare.py ORIGINAL COPY …"""

import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as parquet
from tables import cells_of


def kept(kind):
    """The type that a column comes back with: categories and nulls are text, and large types their small forms."""
    if pa.types.is_dictionary(kind):
        return kept(kind.value_type)
    if pa.types.is_null(kind) or pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_binary(kind):
        return pa.binary()
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit, "UTC")
    if pa.types.is_large_list(kind) or pa.types.is_list(kind):
        return pa.list_(kept(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, kept(field.type)) for field in kind])
    return kind


def read(original, copy):
    before, after = parquet.read_table(original), parquet.read_table(copy)
    if before.column_names != after.column_names:
        yield f"pyarrow: columns {before.column_names} are {after.column_names}"
        return
    for name in before.column_names:
        wanted = kept(before[name].type)
        if not wanted.equals(kept(after[name].type)) or pa.types.is_dictionary(after[name].type):
            yield f"pyarrow: the type of {name} is {after[name].type}, and was {before[name].type}"
        elif cells_of(before[name]) != cells_of(after[name]):
            yield f"pyarrow: cells of {name} differ"
    # polars has decimals of 38 digits at most.
    names = [name for name in before.column_names if name != "decimal50"]
    one, other = polars.read_parquet(original, columns=names), polars.read_parquet(copy, columns=names)
    for name in names:
        if one[name].to_list() != other[name].to_list():
            yield f"polars: cells of {name} differ"
    rows = [duckdb.sql(f"from read_parquet('{path}')").fetchall() for path in (original, copy)]
    if rows[0] != rows[1]:
        yield "DuckDB: rows differ"


paths = sys.argv[1:]
for original, copy in zip(paths[::2], paths[1::2]):
    for difference in read(original, copy):
        print(f"{original}: {difference}")
