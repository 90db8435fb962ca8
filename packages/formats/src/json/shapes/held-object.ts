import type { Row } from "@parallel-parrot/core";
import type { JsonReading, PartReader } from "./json-reading.ts";
import { ValueReader } from "./value-reader.ts";

/**
 * Keeps the first object of an input until it is known whether others follow. One that is too long for a row is not
 * kept: it is read by the reader for what it holds, as far as that can be seen.
 */
export class HeldObject implements PartReader {
  readonly line: number;
  text = "";
  readonly #reading: JsonReading;
  readonly #value: ValueReader;
  readonly #openLong: (text: string) => PartReader;
  #bytes = 0;
  #long: PartReader | undefined;

  /** @param openLong gives the reader for a long object, by its beginning */
  constructor(reading: JsonReading, openLong: (text: string) => PartReader) {
    this.#reading = reading;
    this.line = reading.line;
    this.#openLong = openLong;
    this.#value = new ValueReader(reading, "the object", {
      piece: (piece) => {
        this.text += piece;
        this.#bytes += Buffer.byteLength(piece);
      },
    });
  }

  /** Whether it was kept whole. */
  get isHeld(): boolean {
    return this.#long === undefined;
  }

  get isEnded(): boolean {
    return (this.#long ?? this.#value).isEnded;
  }

  write(text: string, at: number, rows: Row[]): number {
    if (this.#long !== undefined) return this.#long.write(text, at, rows);
    const end = this.#value.write(text, at);
    if (this.#bytes > this.#reading.maxRecordBytes) this.replay(this.#openLong(this.text), rows);
    return end;
  }

  /** Lets another reader read what was kept, and what follows. */
  replay(reader: PartReader, rows: Row[]): void {
    const { text } = this;
    this.text = "";
    this.#long = reader;
    this.#reading.line = this.line;
    reader.write(text, 0, rows);
  }

  failUnended(): never {
    return (this.#long ?? this.#value).failUnended();
  }
}
