import type { Row } from "@parallel-parrot/core";
import { emptyInput } from "../source/input-name.ts";
import type { RecordParser } from "../source/text-source.ts";
import { parseRow } from "./json-value-parser.ts";
import { ColumnsFrame } from "./shapes/columns-frame.ts";
import { HeldObject } from "./shapes/held-object.ts";
import { passBlank, type JsonReading, type PartReader } from "./shapes/json-reading.ts";
import { RecordsReader, rowsReader } from "./shapes/member-parts.ts";
import { shapeOfObject } from "./shapes/object-shape.ts";
import { SplitFrame } from "./shapes/split-frame.ts";
import { ValueReader } from "./shapes/value-reader.ts";

/** The value of `records` by which the objects of an input are rows themselves. */
const THEMSELVES = ".";

/**
 * Makes rows of JSON in any of the shapes that tables have in it: one array of objects; objects one after the other;
 * an object with a list of objects in it; and the two that pandas writes.
 */
export class JsonParser implements RecordParser {
  readonly #reading: JsonReading;
  readonly #records: string | undefined;
  /** What is being read, or the first object, until it is known what follows. */
  #part: PartReader | undefined;
  #held: HeldObject | undefined;
  #frame: ColumnsFrame | undefined;
  /** What may come next, outside of a part. */
  #expected: "anything" | "object" | "nothing" = "anything";
  #isEmpty = true;
  /** Where rows go that end in the piece of text at hand. */
  #rows: Row[] = [];
  #isArray = false;

  /** @param records the list of rows in an object: its key, or keys from the outside in, with dots; or `.` */
  constructor(reading: JsonReading, records: string | undefined) {
    this.#reading = reading;
    this.#records = records;
  }

  columns(): undefined {}

  write(bytes: Buffer, rows: Row[]): void {
    this.#rows = rows;
    const text = bytes.toString("utf8");
    for (let at = 0; at < text.length;) {
      if (this.#part === undefined) {
        this.#step(text.charAt(at));
        // The reader of a part begins with its first character.
        if (this.#part === undefined) at += 1;
      } else {
        at = this.#part.write(text, at, rows);
        if (this.#part.isEnded) this.#endPart();
      }
    }
  }

  end(rows: Row[]): void {
    if (this.#isEmpty) throw emptyInput(this.#reading.name);
    if (this.#part !== undefined) this.#part.failUnended();
    this.#rows = rows;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#readOnly(held);
  }

  more(rows: Row[]): boolean {
    return this.#frame?.more(rows) === true;
  }

  close(): void {
    this.#frame?.close();
  }

  /** Takes one character outside of arrays and objects. */
  #step(character: string): void {
    if (passBlank(this.#reading, character)) return;
    this.#isEmpty = false;
    if (this.#expected === "nothing")
      this.#reading.failAt(`expected nothing after the ${this.#isArray ? "array" : "object"}`, character);
    if (this.#expected === "object") {
      if (character !== "{")
        this.#reading.failAt("expected another object, or nothing, after the object", character);
      this.#addHeld();
      this.#part = this.#objectReader();
      return;
    }
    if (character === "[") this.#part = this.#arrayReader();
    else if (character !== "{")
      this.#reading.failAt("expected a JSON array of objects, or objects one after the other", character);
    else if (this.#records === undefined) {
      this.#held = new HeldObject(this.#reading, (text) => this.#longReader(text));
      this.#part = this.#held;
    } else this.#part = this.#objectReader();
  }

  #endPart(): void {
    const isObject = this.#part !== undefined && this.#expected !== "nothing" && this.#frame === undefined;
    this.#part = undefined;
    if (this.#held?.isHeld === false) {
      this.#held = undefined;
      this.#expected = "nothing";
    } else if (isObject) this.#expected = "object";
  }

  #arrayReader(): PartReader {
    if (this.#records !== undefined && this.#records !== THEMSELVES)
      this.#reading.fail(
        `it is an array, whose elements are the rows, and no object with a list ${JSON.stringify(this.#records)}`,
        { option: "records" },
      );
    this.#expected = "nothing";
    this.#isArray = true;
    return rowsReader(this.#reading);
  }

  /** The reader of one of the objects of an input. */
  #objectReader(): PartReader {
    if (this.#records !== undefined && this.#records !== THEMSELVES)
      return new RecordsReader(this.#reading, this.#records);
    return new ValueReader(this.#reading, `object ${this.#reading.row + 1}`, {
      whole: (text, line) => this.#addObject(text, line),
    });
  }

  /** Others follow the first object, so that each is a row. */
  #addHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#addObject(held.text, held.line);
  }

  #addObject(text: string, line: number): void {
    const parsed = parseRow(this.#reading.parse, text);
    if (parsed.ok) this.#reading.addRow(parsed.value, line, this.#rows);
    else this.#reading.fail(`object ${this.#reading.row + 1}: ${parsed.problem}`, { ...parsed, line });
  }

  /** The first object is the only one, so that its rows may lie in it. */
  #readOnly(held: HeldObject): void {
    const reader = this.#readerByShape(held.text);
    if (reader === undefined) this.#addObject(held.text, held.line);
    else held.replay(reader, this.#rows);
  }

  #longReader(text: string): PartReader {
    return this.#readerByShape(text) ?? this.#reading.tooLong(this.#held?.line ?? 1);
  }

  /** The reader for what an object holds; `undefined` where it is a row. */
  #readerByShape(text: string): PartReader | undefined {
    const shape = shapeOfObject(this.#reading, text);
    if (shape.kind === "several")
      this.#reading.fail(
        `it has several lists of objects, ${shape.keys.map((key) => JSON.stringify(key)).join(", ")}; name the one whose elements are the rows, or "." for one row`,
        { option: "records" },
      );
    if (shape.kind === "records") {
      this.#reading.notes.add("RECORDS_FOUND", shape.key);
      return new RecordsReader(this.#reading, shape.key);
    }
    if (shape.kind === "row") return undefined;
    this.#reading.notes.add("FRAME_FOUND", shape.kind);
    if (shape.kind === "split") return new SplitFrame(this.#reading);
    this.#frame = new ColumnsFrame(this.#reading);
    return this.#frame;
  }
}
