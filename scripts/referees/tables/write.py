"""Writes workbooks with openpyxl, XlsxWriter and pandas, a database with sqlite3, and beside each its rows as they read
them: write.py FOLDER. The quick tests of packages/formats read the same files."""

import datetime
import sqlite3
import sys
import zipfile

import openpyxl
import pandas
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from reading import excel_rows, sqlite_rows, write_rows

folder = sys.argv[1]
MOMENT = datetime.datetime(2026, 11, 30, 12, 34, 56, 789000)
STAMP = datetime.datetime(2026, 11, 30)


def with_openpyxl(path):
    """A sheet as people have them: it begins in the third row, has empty rows and columns, merged cells, and errors."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "First & <main>"
    header = ["id", "text", None, "moment", "day", "time", "long", "share", "flag", "rich", "error", "formula"]
    rows = [
        [1, "  a & <b>\nnext ", None, MOMENT, STAMP.date(), datetime.time(12, 30), datetime.timedelta(hours=36.5), 0.25,
         True, CellRichText("a ", TextBlock(InlineFont(b=True), "bold"), " end"), "#DIV/0!", "=A3+1"],
        None,
        [-2, "=not run", None, datetime.datetime(1900, 1, 1, 0, 0, 1), datetime.date(1900, 1, 1), datetime.time(23, 59, 59),
         None, 1, False, "ä 😀", "#N/A", None],
        [3.5, "007", None, datetime.datetime(1900, 3, 1, 6), datetime.date(9999, 12, 31), datetime.time(0, 0, 1), None,
         -0.001, None, "", None, None],
    ]
    for place, row in enumerate([header, *rows], 3):
        for column, value in enumerate(row or [], 1):
            cell = sheet.cell(place, column)
            cell.value = value
            if column == 2:
                cell.data_type = "s"
            if column == 5 and place > 3:
                cell.number_format = "d/m/yy"
            if column == 8:
                cell.number_format = "0%"
    sheet.merge_cells("A9:B10")
    sheet.row_dimensions[30].height = 20
    other = book.create_sheet("Other")
    other.append(["a", "b"])
    other.append([1, 2])
    book.create_sheet("Empty")
    book.save(path)


def with_xlsxwriter(path):
    """A workbook of an old Mac, whose days are counted from 1904, with results of formulas and a table in a corner."""
    book = xlsxwriter.Workbook(path, {"date_1904": True})
    book.set_properties({"created": STAMP})
    sheet = book.add_worksheet("S")
    day, moment = book.add_format({"num_format": '[$-409]d-mmm-yyyy;@'}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    money = book.add_format({"num_format": '#,##0.00 "days"'})
    sheet.write_row(4, 2, ["day", "moment", "money", "result", "text result", "rich", "flag"])
    for row in range(3):
        sheet.write_datetime(5 + row, 2, STAMP + datetime.timedelta(days=row), day)
        sheet.write_datetime(5 + row, 3, MOMENT.replace(second=row, microsecond=0), moment)
        sheet.write_number(5 + row, 4, 1.5 * row, money)
        sheet.write_formula(5 + row, 5, f"=1+{row}", None, 1 + row)
        sheet.write_formula(5 + row, 6, '="t"', None, f"t{row}")
        sheet.write_rich_string(5 + row, 7, "a", book.add_format({"bold": True}), "b", f"c{row}")
        sheet.write_boolean(5 + row, 8, row == 1)
    book.close()


def with_pandas(path):
    pandas.DataFrame({
        "number": [1, 2, 3],
        "float": [0.1, None, 1e300],
        "text": ["a", None, "c"],
        "moment": pandas.to_datetime(["2026-11-30 12:34:56.789", None, "2000-01-01 00:00:00.5"]),
        "flag": [True, False, True],
    }).to_excel(path, index=False)


def with_zip64(path):
    """The first workbook, packed with the numbers of 64 bits that files above 4 GiB need, and as some writers always do."""
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 10, 1
    with zipfile.ZipFile(f"{folder}/openpyxl.xlsx") as source, zipfile.ZipFile(path, "w") as target:
        target.comment = b"a comment"
        for place, name in enumerate(source.namelist()):
            kind = zipfile.ZIP_STORED if place % 2 else zipfile.ZIP_DEFLATED
            target.writestr(zipfile.ZipInfo(name), source.read(name), kind)
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits


def with_sqlite(path):
    database = sqlite3.connect(path)
    database.executescript("""
        CREATE TABLE "all types" (id INTEGER PRIMARY KEY, "big" INTEGER, "real" REAL, "text" TEXT, "blob" BLOB, flag BOOLEAN,
            day DATE, moment TIMESTAMP, "mixed", "__proto__" INTEGER, "2020" INTEGER);
    """)
    rows = [
        (1, 2**63 - 1, 1.0, "ä 😀 \"quoted\"", b"\x00\xff", True, "2026-11-30", "2026-11-30 12:34:56.789012", 1, 1, 1),
        (2, -(2**63), 0.1, "", b"", False, "1900-01-01", "2000-01-01T00:00:00", "two", 2, 2),
        (7, 5, 1e300, "007", None, None, None, None, b"\x01", None, None),
        (9, None, None, None, b"\x7f" * 3, True, "9999-12-31", "2026-11-30 12:00:00", 2.5, 3, 3),
    ]
    database.executemany(f"INSERT INTO \"all types\" VALUES ({', '.join('?' * 11)})", rows)
    database.commit()
    database.close()


WORKBOOKS = {"openpyxl.xlsx": with_openpyxl, "xlsxwriter.xlsx": with_xlsxwriter, "pandas.xlsx": with_pandas, "zip64.xlsx": with_zip64}
for name, write in WORKBOOKS.items():
    write(f"{folder}/{name}")
    write_rows(excel_rows(f"{folder}/{name}", 0), f"{folder}/{name}.jsonl")
with_sqlite(f"{folder}/python.db")
write_rows(sqlite_rows(f"{folder}/python.db", "all types"), f"{folder}/python.db.jsonl")
