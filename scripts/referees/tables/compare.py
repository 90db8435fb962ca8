"""Reads pairs of files and tells what differs: compare.py ORIGINAL COPY …"""

import sqlite3
import sys

import openpyxl
import pandas
from reading import excel_rows, sqlite_rows


def excel(original, copy):
    if excel_rows(original, 0) != excel_rows(copy, 0):
        yield "openpyxl: rows differ"
    sheet = openpyxl.load_workbook(copy).worksheets[0]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                yield f"openpyxl: {cell.coordinate} is a formula"
    first = next(place for place, row in enumerate(openpyxl.load_workbook(original).worksheets[0].values) if any(row))
    before = pandas.read_excel(original, skiprows=first).dropna(axis=1, how="all").dropna(how="all")
    after = pandas.read_excel(copy).dropna(axis=1, how="all")
    before = before[[name for name in before.columns if name in after.columns]].reset_index(drop=True)
    # What openpyxl takes for a length of time is text for us.
    kept = [name for name in before.columns if name != "long"]
    if list(after.columns) != list(before.columns) or not before[kept].equals(after[kept]):
        yield f"pandas: the frames differ\n{before}\n{after}"


def sqlite(original, copy):
    # A column of several kinds is one of text.
    before, after = ([[cell for cell in row if cell[0] != "mixed"] for row in sqlite_rows(path, "all types")] for path in (original, copy))
    if before != after:
        yield "sqlite3: rows differ"
    found = sqlite3.connect(copy).execute("PRAGMA integrity_check").fetchall()
    if found != [("ok",)]:
        yield f"sqlite3: {found}"


paths = sys.argv[1:]
for original, copy in zip(paths[::2], paths[1::2]):
    for difference in (excel if original.endswith("xlsx") else sqlite)(original, copy):
        print(f"{original}: {difference}")
