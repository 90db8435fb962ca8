import { valueScanner } from "./value-scanner.ts";
import type { JsonReading, PartReader } from "./json-reading.ts";

/** What becomes of the text of a value: `piece` gets it as it comes, `whole` when it has ended. */
export type ValueUse =
  | { readonly whole: (text: string, line: number) => void }
  | { readonly piece: (text: string) => void }
  | undefined;

/** Reads one value of any kind: keeps its text up to the cap, hands it on piece by piece, or skips it. */
export class ValueReader implements PartReader {
  isEnded = false;
  readonly #reading: JsonReading;
  readonly #use: ValueUse;
  readonly #what: string;
  readonly #scan = valueScanner();
  readonly #line: number;
  #text = "";
  #bytes = 0;

  /** @param what what the value is called in messages */
  constructor(reading: JsonReading, what: string, use?: ValueUse) {
    this.#reading = reading;
    this.#what = what;
    this.#use = use;
    this.#line = reading.line;
  }

  write(text: string, at: number): number {
    const { end, lines, closed } = this.#scan(text, at);
    this.#reading.line += lines;
    this.isEnded = closed;
    if (this.#use !== undefined) this.#take(text.slice(at, end), this.#use);
    return end;
  }

  failUnended(): never {
    this.#reading.fail(`${this.#what} is never closed; is the file cut off?`, { line: this.#line });
  }

  #take(piece: string, use: NonNullable<ValueUse>): void {
    if ("piece" in use) {
      use.piece(piece);
      return;
    }
    this.#text += piece;
    this.#bytes += Buffer.byteLength(piece);
    if (this.#bytes > this.#reading.maxRecordBytes) this.#reading.tooLong(this.#line);
    if (this.isEnded) use.whole(this.#text, this.#line);
  }
}
