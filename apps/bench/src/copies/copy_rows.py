"""Copies the rows of a file into another one with DuckDB or pandas, and prints what it took."""

import json
import resource
import sys
import time

tool, source, target = sys.argv[1:4]
start = time.monotonic()
if tool == "duckdb":
    import duckdb

    options = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER"}
    # A row group of a million rows, as pyarrow and pandas write by default.
    size = ", ROW_GROUP_SIZE 1000000" if "--one-group" in sys.argv else ""
    duckdb.sql(f"COPY (FROM '{source}') TO '{target}' ({options[target.rsplit('.', 1)[1]]}{size})")
else:
    import pandas

    frame = pandas.read_csv(source) if source.endswith(".csv") else pandas.read_parquet(source)
    if target.endswith(".csv"):
        frame.to_csv(target, index=False)
    else:
        frame.to_parquet(target, compression="zstd")
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "ms": (time.monotonic() - start) * 1000,
            "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
            "peakRssMb": usage.ru_maxrss / 1024,
        }
    )
)
