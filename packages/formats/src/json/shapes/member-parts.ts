import type { Row } from "@parallel-parrot/core";
import { parseRow } from "../json-value-parser.ts";
import type { JsonReading, PartReader } from "./json-reading.ts";
import { ListReader } from "./list-reader.ts";
import { ObjectReader } from "./object-reader.ts";
import { ValueReader } from "./value-reader.ts";

/** Reads a list of objects, which are the rows. */
export function rowsReader(reading: JsonReading, key?: string): ListReader {
  const of = key === undefined ? "" : ` of ${JSON.stringify(key)}`;
  return new ListReader(reading, {
    list: key === undefined ? "the array" : `the list ${JSON.stringify(key)}`,
    of,
    elements: "{",
    element(text, line, rows) {
      const parsed = parseRow(reading.parse, text);
      if (!parsed.ok) reading.fail(`element ${reading.row + 1}${of}: ${parsed.problem}`, { ...parsed, line });
      reading.addRow(parsed.value, line, rows);
    },
  });
}

/** Passes over a member that is no part of the rows, which is told. */
export function leftOut(reading: JsonReading, key: string): PartReader {
  reading.notes.add("MEMBER_LEFT_OUT", key);
  return new ValueReader(reading, `the value of ${JSON.stringify(key)}`);
}

/** Reads the list of rows that lies in an object, or deeper: `data`, or `response.data`. */
export class RecordsReader implements PartReader {
  readonly #reading: JsonReading;
  readonly #records: string;
  readonly #object: ObjectReader;
  /** The keys that it has seen, for the message that the list is not there. */
  readonly #keys: string[] = [];
  #isFound = false;

  constructor(reading: JsonReading, records: string) {
    this.#reading = reading;
    this.#records = records;
    this.#object = this.#levelOf(records);
  }

  get isEnded(): boolean {
    return this.#object.isEnded;
  }

  write(text: string, at: number, rows: Row[]): number {
    const end = this.#object.write(text, at, rows);
    if (this.isEnded && !this.#isFound) this.#failNotFound();
    return end;
  }

  failUnended(): never {
    this.#object.failUnended();
  }

  /** @param path what is left of the path at this level */
  #levelOf(path: string): ObjectReader {
    return new ObjectReader(this.#reading, (key, opening) => {
      if (key === path) {
        this.#isFound = true;
        if (opening !== "[")
          this.#reading.failAt(`expected ${JSON.stringify(key)} to be a list of objects`, opening);
        return rowsReader(this.#reading, this.#records);
      }
      if (opening === "{" && path.startsWith(`${key}.`)) return this.#levelOf(path.slice(key.length + 1));
      this.#keys.push(key);
      return leftOut(this.#reading, key);
    });
  }

  #failNotFound(): never {
    const shown = this.#keys.slice(0, MAX_SHOWN).map((key) => JSON.stringify(key));
    const has =
      shown.length === 0 ? "no members" : `${shown.join(", ")}${this.#keys.length > MAX_SHOWN ? ", …" : ""}`;
    this.#reading.fail(`it has no list ${JSON.stringify(this.#records)}; it has ${has}`, {
      option: "records",
    });
  }
}

const MAX_SHOWN = 20;
