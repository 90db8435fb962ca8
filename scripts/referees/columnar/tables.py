"""Tables of all types that files of Parquet and Arrow have, and what their cells are to a reader that loses nothing."""

import datetime
import json
from decimal import Decimal, getcontext

import pyarrow as pa
import pyarrow.compute as pc

getcontext().prec = 100


def all_types(count):
    """A table with a column for each type. Every seventh cell is null, which is the first of its page somewhere."""

    def cells(cell):
        return [None if row % 7 == 3 else cell(row) for row in range(count)]

    def some(row, item):
        return [None if place == 1 else item(place) for place in range(row % 4)]

    item = pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))])
    columns = {
        "bool": pa.array(cells(lambda row: row % 2 == 0), pa.bool_()),
        "int8": pa.array(cells(lambda row: row - 128 if row < 100 else 127), pa.int8()),
        "uint8": pa.array(cells(lambda row: 255 - row % 50), pa.uint8()),
        "int16": pa.array(cells(lambda row: -(2**15) + row), pa.int16()),
        "uint16": pa.array(cells(lambda row: 2**16 - 1 - row), pa.uint16()),
        "int32": pa.array(cells(lambda row: -(2**31) + row), pa.int32()),
        "uint32": pa.array(cells(lambda row: 2**32 - 1 - row), pa.uint32()),
        "int64": pa.array(cells(lambda row: 2**63 - 1 - row if row % 2 else row), pa.int64()),
        "uint64": pa.array(cells(lambda row: 2**64 - 1 - row), pa.uint64()),
        "float16": pa.array(cells(lambda row: row / 4), pa.float16()),
        "float32": pa.array(cells(lambda row: row / 8), pa.float32()),
        "float64": pa.array(cells(lambda row: row / 3), pa.float64()),
        "decimal9": pa.array(cells(lambda row: Decimal(row) / 100 - Decimal("0.25")), pa.decimal128(9, 2)),
        "decimal18": pa.array(cells(lambda row: Decimal("1234567890123456.78") + row), pa.decimal128(18, 2)),
        "decimal30": pa.array(cells(lambda row: Decimal("-123456789012345679.25") - row), pa.decimal128(30, 2)),
        "decimal50": pa.array(cells(lambda row: Decimal(10) ** 40 + row), pa.decimal256(50, 2)),
        "text": pa.array(cells(lambda row: f"text {row} ä 😀\n\"{row}\""), pa.string()),
        "large text": pa.array(cells(lambda row: f"row {row}"), pa.large_string()),
        "category": pa.array(cells(lambda row: f"category {row % 3}"), pa.string()).dictionary_encode(),
        "bytes": pa.array(cells(lambda row: bytes([row % 256, 255, 0])), pa.binary()),
        "4 bytes": pa.array(cells(lambda row: bytes([row % 256] * 4)), pa.binary(4)),
        "date": pa.array(
            cells(lambda row: datetime.date(1969, 12, 20) + datetime.timedelta(days=row)), pa.date32()
        ),
        "time ms": pa.array(cells(lambda row: 43_200_005 + row), pa.time32("ms")),
        "time us": pa.array(cells(lambda row: 43_200_000_005 + row), pa.time64("us")),
        "time ns": pa.array(cells(lambda row: 43_200_000_000_005 + row), pa.time64("ns")),
        "timestamp ms": pa.array(cells(lambda row: -5 + row * 1001), pa.timestamp("ms")),
        "timestamp us": pa.array(cells(lambda row: -5 + row * 1_000_001), pa.timestamp("us")),
        "timestamp ns": pa.array(cells(lambda row: 1_790_000_000_123_456_789 + row), pa.timestamp("ns")),
        "timestamp tz": pa.array(cells(lambda row: 1_790_000_000_123_456 + row), pa.timestamp("us", "UTC")),
        "list": pa.array(cells(lambda row: some(row, str)), pa.list_(pa.string())),
        "list of lists": pa.array(
            cells(lambda row: some(row, lambda place: [place] * place)), pa.list_(pa.list_(pa.int64()))
        ),
        "struct": pa.array(
            cells(lambda row: {"a": row, "b": None if row % 2 else "b"}),
            pa.struct([("a", pa.int64()), ("b", pa.string())]),
        ),
        "list of structs": pa.array(
            cells(lambda row: some(row, lambda place: {"a": place, "b": [str(place)] * place})), pa.list_(item)
        ),
        "map": pa.array(
            cells(lambda row: [(f"key {place}", place) for place in range(row % 3)]),
            pa.map_(pa.string(), pa.int64()),
        ),
        "map of integers": pa.array(
            cells(lambda row: [(place, None if place == 1 else "value") for place in range(row % 3)]),
            pa.map_(pa.int64(), pa.string()),
        ),
        "null": pa.nulls(count),
        "__proto__": pa.array(cells(lambda row: row), pa.int64()),
        "2020": pa.array(cells(lambda row: row), pa.int64()),
    }
    return pa.table(columns)


def arrow_types(count):
    """The same table with what Arrow has besides."""

    def cells(cell):
        return [None if row % 7 == 3 else cell(row) for row in range(count)]

    texts = cells(lambda row: f"run {row // 5}" if row % 2 else f"a longer run of rows, number {row // 5}")
    columns = {
        "decimal9 of 32 bits": pa.array(cells(lambda row: Decimal(row) / 100), pa.decimal32(9, 2)),
        "decimal18 of 64 bits": pa.array(cells(lambda row: Decimal(-row) / 100), pa.decimal64(18, 2)),
        "date ms": pa.array(
            cells(lambda row: datetime.date(1969, 12, 20) + datetime.timedelta(days=row)), pa.date64()
        ),
        "time s": pa.array(cells(lambda row: 43_200 + row), pa.time32("s")),
        "timestamp s": pa.array(cells(lambda row: -5 + row * 1001), pa.timestamp("s")),
        "timestamp zone": pa.array(
            cells(lambda row: 1_790_000_000_123_456_789 + row), pa.timestamp("ns", "Europe/Berlin")
        ),
        "duration": pa.array(cells(lambda row: row * 86_400_000_001 - 5), pa.duration("us")),
        "interval": pa.array(cells(lambda row: (row, -row, 1_000_000 * row)), pa.month_day_nano_interval()),
        "large bytes": pa.array(cells(lambda row: bytes([row % 256])), pa.large_binary()),
        "text view": pa.array(texts, pa.string_view()),
        "bytes view": pa.array(cells(lambda row: bytes([row % 256]) * (row % 20)), pa.binary_view()),
        "large list": pa.array(cells(lambda row: [row] * (row % 3)), pa.large_list(pa.int32())),
        "two items": pa.array(cells(lambda row: [row, None]), pa.list_(pa.int16(), 2)),
        "list view": pa.array(cells(lambda row: [row] * (row % 3)), pa.list_view(pa.int32())),
        "runs": pc.run_end_encode(pa.array([text or "none" for text in texts])),
        "category of integers": pa.array(cells(lambda row: row % 5 * 10**12)).dictionary_encode(),
    }
    table = all_types(count)
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def moment(units, unit):
    """Units since 1970 as ISO 8601, with as many groups of three digits behind the second as it needs."""
    seconds, rest = divmod(units, PER_SECOND[unit])
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    if rest == 0:
        return text
    digits = str(rest).rjust(len(str(PER_SECOND[unit])) - 1, "0")
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}"


BYTES = [
    pa.types.is_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
]
LISTS = [
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
]


def duration(units, unit):
    """A length of time as ISO 8601."""
    sign, units = ("-", -units) if units < 0 else ("", units)
    seconds, rest = divmod(units, PER_SECOND[unit])
    (minutes, seconds), fraction = divmod(seconds, 60), ""
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if rest:
        fraction = "." + str(rest).rjust(len(str(PER_SECOND[unit])) - 1, "0").rstrip("0")
    parts = [f"{count}{letter}" for count, letter in [(hours, "H"), (minutes, "M")] if count]
    if seconds or fraction:
        parts.append(f"{seconds}{fraction}S")
    date = f"{days}D" if days else ""
    if not date and not parts:
        return "PT0S"
    return f"{sign}P{date}{'T' if parts else ''}{''.join(parts)}"


def interval(value):
    """Months, days and nanoseconds as ISO 8601, each with a sign of its own."""
    years, months = divmod(value.months, 12)
    parts = [(years, "Y"), (months, "M"), (value.days, "D")]
    date = "".join(f"{count}{letter}" for count, letter in parts if count)
    time = duration(value.nanoseconds, "ns")[1:]
    return f"P{date}" if date and time == "T0S" else f"P{date}{time}"


def cell_of(value, kind):
    """What a cell is, as JSON. Decimals are told as text, which a reader may shorten to a number."""
    if value is None:
        return None
    if pa.types.is_decimal(kind):
        return {"decimal": str(value)}
    if pa.types.is_timestamp(kind):
        return moment(value, kind.unit) + ("" if kind.tz is None else "Z")
    if pa.types.is_time(kind):
        return moment(value, kind.unit)[11:]
    if pa.types.is_duration(kind):
        return duration(value, kind.unit)
    if pa.types.is_interval(kind):
        return interval(value)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return cell_of(value, kind.value_type)
    if pa.types.is_date(kind):
        return value.isoformat()
    if any(is_bytes(kind) for is_bytes in BYTES):
        return list(value)
    if pa.types.is_map(kind):
        pairs = [[key, cell_of(item, kind.item_type)] for key, item in value]
        return dict(pairs) if pa.types.is_string(kind.key_type) else pairs
    if any(is_list(kind) for is_list in LISTS):
        return [cell_of(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {field.name: cell_of(value[field.name], field.type) for field in kind}
    return value


def cells_of(column):
    """The cells of a column. Times are taken as integers, as Python has no nanoseconds."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind):
        bits = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        return [cell_of(value, kind) for value in column.cast(bits).to_pylist()]
    return [cell_of(value, kind) for value in column.to_pylist()]


def write_rows(table, path):
    """Writes the rows of a table as JSON Lines: pairs of column and cell, in the order of the columns."""
    columns = [(name, cells_of(column)) for name, column in zip(table.column_names, table.columns)]
    with open(path, "w", encoding="utf-8") as file:
        for row in range(table.num_rows):
            file.write(json.dumps([[name, cells[row]] for name, cells in columns], ensure_ascii=False) + "\n")
