import type { Row } from "@parallel-parrot/core";
import type { Input } from "../source/read-input.ts";
import { JSON_SOURCE_OPTIONS, type JsonSourceOptions } from "./json-source.ts";
import { emptyInput, invalidInput, recordTooLong, type InputName } from "../source/input-name.ts";
import type { LineIndex } from "../source/line-index.ts";
import { checkSource } from "../source/check-source.ts";
import { rowParser, type ParseRow } from "./parse-row.ts";
import type { RowSource } from "../source/row-source.ts";
import { textSource, type RecordParser } from "../source/text-source.ts";

/** Rows from JSON Lines: one object a line; blank lines are skipped. */
export function jsonlSource(input: Input, options: JsonSourceOptions = {}): RowSource {
  checkSource("jsonlSource", input, options, JSON_SOURCE_OPTIONS);
  const { longNumbers = "bigint" } = options;
  return textSource(
    input,
    options,
    (name, maxBytes, { lines, notes }) =>
      new JsonlParser(name, maxBytes, lines, rowParser(longNumbers, notes)),
  );
}

class JsonlParser implements RecordParser {
  readonly #name: InputName;
  readonly #maxRecordBytes: number;
  readonly #lines: LineIndex;
  readonly #parseRow: ParseRow;
  #line = 1;
  #pending = "";
  #pendingBytes = 0;
  #isEmpty = true;

  constructor(name: InputName, maxRecordBytes: number, lines: LineIndex, parseRow: ParseRow) {
    this.#name = name;
    this.#maxRecordBytes = maxRecordBytes;
    this.#lines = lines;
    this.#parseRow = parseRow;
  }

  columns(): undefined {}

  write(bytes: Buffer, rows: Row[]): void {
    const text = bytes.toString("utf8");
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.#keep(text.slice(start, end));
      this.#endLine(rows);
      start = end + 1;
    }
    this.#keep(text.slice(start));
  }

  end(rows: Row[]): void {
    this.#endLine(rows);
    if (this.#isEmpty) throw emptyInput(this.#name);
  }

  #keep(piece: string): void {
    this.#pending += piece;
    this.#pendingBytes += Buffer.byteLength(piece);
    if (this.#pendingBytes > this.#maxRecordBytes) {
      throw recordTooLong(this.#name, { line: this.#line }, this.#maxRecordBytes);
    }
  }

  #endLine(rows: Row[]): void {
    const text = this.#pending;
    this.#pending = "";
    this.#pendingBytes = 0;
    if (text.trim() !== "") {
      this.#isEmpty = false;
      const parsed = this.#parseRow(text);
      if (!parsed.ok) {
        // One array over many lines is the usual mistake.
        const hint =
          /^\s*\[/.test(text) && this.#line === 1
            ? "; if the input is one JSON array, its format is json"
            : "";
        throw invalidInput(this.#name, { line: this.#line }, `${parsed.problem}${hint}`, {
          cause: parsed.cause,
        });
      }
      rows.push(parsed.row);
      this.#lines.add(this.#line);
    }
    this.#line += 1;
  }
}
