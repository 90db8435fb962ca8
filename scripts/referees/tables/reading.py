"""How openpyxl, pandas and Python's sqlite3 read files: rows as lists of pairs of column and cell."""

import datetime
import json
import sqlite3

import openpyxl


def time_text(value):
    """A time or a date with one, with as many digits behind the second as it needs."""
    text = value.isoformat()
    return text[:-3] if "." in text and text.endswith("000") else text


def excel_cell(cell):
    value = cell.value
    if value is None or cell.data_type == "e":
        return None
    if isinstance(value, datetime.datetime):
        is_date = value.time() == datetime.time() and not any(letter in cell.number_format for letter in "hs")
        return value.date().isoformat() if is_date else time_text(value)
    if isinstance(value, datetime.time):
        return time_text(value)
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value


def excel_rows(path, sheet):
    """The rows with cells behind the header, which is the first row with cells."""
    book = openpyxl.load_workbook(path, data_only=True)
    rows = [[excel_cell(cell) for cell in row] for row in book.worksheets[sheet].iter_rows()]
    header, *others = [row for row in rows if any(cell not in (None, "") for cell in row)]
    return [[[name, cell] for name, cell in zip(header, row) if name is not None] for row in others]


def sqlite_cell(value, declared):
    if isinstance(value, bytes):
        return list(value)
    return bool(value) if declared == "BOOLEAN" and value in (0, 1) else value


def sqlite_rows(path, table):
    database = sqlite3.connect(path)
    columns = [(name, kind) for _, name, kind, *_ in database.execute(f'PRAGMA table_info("{table}")')]
    return [
        [[name, sqlite_cell(value, kind)] for (name, kind), value in zip(columns, row)]
        for row in database.execute(f'SELECT * FROM "{table}"')
    ]


def write_rows(rows, path):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
