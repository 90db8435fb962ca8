"""Tells what differs between files and those that got a column, with each of so many rows: ORIGINAL COPY STEP …"""

import sys

from compare_tables import table_of
from tables import cells_of


def read(original, copy, step):
    before, after = table_of(original), table_of(copy)
    if after.column_names != [*before.column_names, "added"]:
        yield f"columns {before.column_names} are {after.column_names}"
        return
    if after["added"].to_pylist() != [f"row {row}" for row in range(0, before.num_rows, step)]:
        yield "cells of the added column are wrong"
    for name in before.column_names:
        if not before.schema.field(name).equals(after.schema.field(name), check_metadata=True):
            yield f"the type of {name} is {after[name].type}, and was {before[name].type}"
        elif cells_of(before[name])[::step] != cells_of(after[name]):
            yield f"cells of {name} differ"


paths = sys.argv[1:]
for original, copy, step in zip(paths[::3], paths[1::3], paths[2::3]):
    for difference in read(original, copy, int(step)):
        print(f"{copy}: {difference}")
