"""Writes how pandas and DuckDB read the texts of fixtures/untidy-csv.json into that file.

    pip install pandas==3.1.1 duckdb==2.0.1
    python packages/formats/scripts/read-untidy.py
"""

import io
import json
import pathlib
import tempfile

import duckdb
import pandas

PATH = pathlib.Path(__file__).parent.parent / "fixtures" / "untidy-csv.json"


def rows_of(header, records):
    return [{column: "" if cell is None else str(cell) for column, cell in zip(header, record)} for record in records]


def read_with_pandas(text, options):
    frame = pandas.read_csv(
        io.StringIO(text, newline=""),
        # The separator is found by the engine of Python alone, which knows fewer dialects.
        sep=options.get("delimiter", ","),
        dtype=str,
        keep_default_na=False,
        skiprows=options.get("skipLines", 0),
        comment=options.get("comment"),
        escapechar=options.get("escape"),
        skipinitialspace=options.get("blanks", False),
        index_col=False,
    ).fillna("")
    return rows_of(frame.columns, frame.values.tolist())


def read_with_duckdb(text, options):
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        file.write(text)
        file.flush()
        known = {"skipLines": "skip", "comment": "comment", "escape": "escape", "delimiter": "delim"}
        given = {known[name]: value for name, value in options.items() if name in known}
        relation = duckdb.read_csv(
            file.name, header=True, all_varchar=True, null_padding=True, strict_mode=False, **given
        )
        return rows_of(relation.columns, relation.fetchall())


def reading(read, text, options):
    try:
        return {"rows": read(text, options)}
    except Exception as error:
        return {"error": type(error).__name__}


def main():
    content = json.loads(PATH.read_text())
    content["versions"] = {"pandas": pandas.__version__, "duckdb": duckdb.__version__}
    for case in content["cases"]:
        case["pandas"] = reading(read_with_pandas, case["text"], case.get("options", {}))
        case["duckdb"] = reading(read_with_duckdb, case["text"], case.get("options", {}))
    PATH.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


main()
