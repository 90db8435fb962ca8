import type { Row } from "@parallel-parrot/core";
import { passBlank, type JsonReading, type PartReader } from "./json-reading.ts";
import { ValueReader } from "./value-reader.ts";

/** Gives the reader of a member's value, by its key and the first character of the value. */
export type OpenMember = (key: string, opening: string) => PartReader;

/** Reads an object member by member, from its brace on. */
export class ObjectReader implements PartReader {
  readonly #reading: JsonReading;
  readonly #open: OpenMember;
  readonly #line: number;
  /** What may come next, outside of keys and values. */
  #expected: "brace" | "first key" | "key" | "colon" | "value" | "comma" | "nothing" = "brace";
  #part: PartReader | undefined;
  #key = "";

  constructor(reading: JsonReading, open: OpenMember) {
    this.#reading = reading;
    this.#open = open;
    this.#line = reading.line;
  }

  get isEnded(): boolean {
    return this.#expected === "nothing";
  }

  write(text: string, start: number, rows: Row[]): number {
    let at = start;
    while (at < text.length && !this.isEnded) {
      if (this.#part === undefined) {
        this.#step(text.charAt(at));
        // The reader of a key or value begins with its first character.
        if (this.#part === undefined) at += 1;
      } else {
        at = this.#part.write(text, at, rows);
        if (this.#part.isEnded) this.#part = undefined;
      }
    }
    return at;
  }

  failUnended(): never {
    if (this.#part !== undefined) this.#part.failUnended();
    this.#reading.fail("the object is never closed; is the file cut off?", { line: this.#line });
  }

  /** Takes one character between keys and values. */
  #step(character: string): void {
    const reading = this.#reading;
    if (passBlank(reading, character)) return;
    switch (this.#expected) {
      case "brace":
        this.#expected = "first key";
        return;
      case "colon":
        if (character !== ":")
          reading.failAt(`expected ":" after the key ${JSON.stringify(this.#key)}`, character);
        this.#expected = "value";
        return;
      case "value":
        if (/[,:}\]]/.test(character))
          reading.failAt(`expected a value for the key ${JSON.stringify(this.#key)}`, character);
        this.#expected = "comma";
        this.#part = this.#open(this.#key, character);
        return;
      case "comma":
        if (character === "}") this.#expected = "nothing";
        else if (character === ",") this.#expected = "key";
        else reading.failAt(`expected "," or "}" after the value of ${JSON.stringify(this.#key)}`, character);
        return;
      case "first key":
      case "key":
      case "nothing":
        this.#stepToKey(character);
    }
  }

  #stepToKey(character: string): void {
    if (character === "}" && this.#expected === "first key") {
      this.#expected = "nothing";
      return;
    }
    if (character !== '"') this.#reading.failAt("expected a key", character);
    this.#part = new ValueReader(this.#reading, "a key", {
      whole: (text) => {
        const parsed = this.#reading.parse(text);
        if (!parsed.ok) this.#reading.fail(`the key ${text}: ${parsed.problem}`, parsed);
        this.#key = String(parsed.value);
        this.#expected = "colon";
      },
    });
  }
}
