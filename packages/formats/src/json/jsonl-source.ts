import type { Row } from "@parallel-parrot/core";
import type { Input } from "../source/read-input.ts";
import { JSON_SOURCE_OPTIONS, type JsonSourceOptions } from "./json-source.ts";
import { emptyInput, invalidInput, recordTooLong, type InputName } from "../source/input-name.ts";
import type { LineIndex } from "../source/line-index.ts";
import { checkSource } from "../source/check-source.ts";
import { jsonValueParser, parseRow, type ParseJson } from "./json-value-parser.ts";
import type { RowSource } from "../source/row-source.ts";
import { textSource, type RecordParser } from "../source/text-source.ts";

/** Rows from JSON Lines: one object a line; blank lines are skipped. */
export function jsonlSource(input: Input, options: JsonSourceOptions = {}): RowSource {
  checkSource("jsonlSource", input, options, JSON_SOURCE_OPTIONS);
  return textSource(
    input,
    options,
    (name, maxBytes, { lines, notes }) =>
      new JsonlParser(name, maxBytes, lines, jsonValueParser(options, notes)),
  );
}

class JsonlParser implements RecordParser {
  readonly #name: InputName;
  readonly #maxRecordBytes: number;
  readonly #lines: LineIndex;
  readonly #parse: ParseJson;
  #line = 1;
  #pending = "";
  #pendingBytes = 0;
  #isEmpty = true;

  constructor(name: InputName, maxRecordBytes: number, lines: LineIndex, parse: ParseJson) {
    this.#name = name;
    this.#maxRecordBytes = maxRecordBytes;
    this.#lines = lines;
    this.#parse = parse;
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
      const parsed = parseRow(this.#parse, text);
      if (!parsed.ok) {
        // One array over many lines, or one object, is the usual mistake.
        const hint =
          this.#line === 1 && /^\s*[[{]\s*$|^\s*\[/.test(text)
            ? `; if the input is ${text.trimStart().startsWith("[") ? "one JSON array" : "objects of several lines"}, its format is json`
            : "";
        throw invalidInput(this.#name, { line: this.#line }, `${parsed.problem}${hint}`, parsed);
      }
      rows.push(parsed.value);
      this.#lines.add(this.#line);
    }
    this.#line += 1;
  }
}
