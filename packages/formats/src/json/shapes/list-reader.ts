import { counted, type Row } from "@parallel-parrot/core";
import { passBlank, type JsonReading, type PartReader } from "./json-reading.ts";
import { ValueReader } from "./value-reader.ts";

/** A list whose elements are read one by one. */
export interface ListUse {
  /** What the list is called in messages: `the array`. */
  readonly list: string;
  /** What follows the number of an element in messages, such as ` of "data"`. */
  readonly of: string;
  /** What each element begins with. @default any value */
  readonly elements?: "{" | "[";
  /** Gets each element. */
  readonly element: (text: string, line: number, rows: Row[]) => void;
}

/** Reads a list, from its bracket on. */
export class ListReader implements PartReader {
  readonly #reading: JsonReading;
  readonly #use: ListUse;
  /** What may come next, outside of an element. */
  #expected: "bracket" | "first element" | "element" | "comma" | "nothing" = "bracket";
  #element: ValueReader | undefined;
  #count = 0;
  #rows: Row[] = [];

  constructor(reading: JsonReading, use: ListUse) {
    this.#reading = reading;
    this.#use = use;
  }

  get isEnded(): boolean {
    return this.#expected === "nothing";
  }

  write(text: string, start: number, rows: Row[]): number {
    this.#rows = rows;
    let at = start;
    while (at < text.length && !this.isEnded) {
      if (this.#element === undefined) {
        this.#step(text.charAt(at));
        // The reader of an element begins with its first character.
        if (this.#element === undefined) at += 1;
      } else {
        at = this.#element.write(text, at);
        if (this.#element.isEnded) this.#element = undefined;
      }
    }
    return at;
  }

  failUnended(): never {
    if (this.#element !== undefined) this.#element.failUnended();
    this.#reading.fail(
      `${this.#use.list} is never closed, after ${counted(this.#count, "element")}; is the file cut off?`,
    );
  }

  /** Takes one character between elements. */
  #step(character: string): void {
    if (passBlank(this.#reading, character)) return;
    if (this.#expected === "bracket") {
      this.#expected = "first element";
    } else if (character === "]" && this.#expected !== "element") {
      this.#expected = "nothing";
    } else if (this.#expected === "comma") {
      if (character !== ",")
        this.#reading.failAt(`expected "," or "]" after element ${this.#count}${this.#use.of}`, character);
      this.#expected = "element";
    } else {
      this.#begin(character);
    }
  }

  #begin(character: string): void {
    const { elements, element, of } = this.#use;
    const name = `element ${this.#count + 1}${of}`;
    if (elements !== undefined && character !== elements)
      this.#reading.failAt(
        `expected ${name} to be ${elements === "{" ? "an object" : "an array"}`,
        character,
      );
    if (/[,:}]/.test(character)) this.#reading.failAt(`expected ${name} to be a value`, character);
    this.#element = new ValueReader(this.#reading, name, {
      whole: (text, line) => {
        element(text, line, this.#rows);
        this.#count += 1;
        this.#expected = "comma";
      },
    });
  }
}
