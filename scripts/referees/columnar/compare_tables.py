"""Reads a file of Parquet or Arrow with pyarrow."""

import pyarrow.ipc as ipc
import pyarrow.parquet as parquet


def table_of(path):
    if path.endswith(".parquet"):
        return parquet.read_table(path)
    with open(path, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    return (ipc.open_file(path) if is_file else ipc.open_stream(path)).read_all()
