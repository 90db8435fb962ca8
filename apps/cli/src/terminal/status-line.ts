/** What a status line is written to: standard error where it is a terminal. */
export interface Terminal {
  /** Characters in a line; may change. */
  readonly columns: number;
  write(text: string): unknown;
}

const CLEAR = "\r\u001B[2K";
/** The terminal cuts what does not fit: a line that wraps could not be taken back. */
const [NO_WRAP, WRAP] = ["\u001B[?7l", "\u001B[?7h"];
const [HIDE_CURSOR, SHOW_CURSOR] = ["\u001B[?25l", "\u001B[?25h"];

/** To the begin of the line: what another program writes to this terminal is put over the status, not behind it. */
const TO_BEGIN = "\r";

/**
 * The last line of a terminal, drawn anew again and again. Lines that are written meanwhile stand above it, and in the
 * end nothing of it is left.
 */
export class StatusLine {
  readonly #terminal: Terminal;
  #text: string | undefined;
  /** Whether something else stands in its line, whose end has not come. */
  #isTaken = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** @param text a line for a width of `columns` */
  draw(text: (columns: number) => string): void {
    if (this.#isTaken) return;
    const next = text(this.#terminal.columns);
    if (next === this.#text) return;
    const hide = this.#text === undefined ? HIDE_CURSOR : "";
    this.#text = next;
    this.#terminal.write(`${hide}${CLEAR}${this.#line()}`);
  }

  /** Writes a line above the status. */
  say(line: string): void {
    const first = this.#isTaken ? "\n" : "";
    this.#isTaken = false;
    this.#terminal.write(`${this.#text === undefined ? first : CLEAR}${line}\n${this.#line()}`);
  }

  /**
   * Makes way for what is about to be written to the same terminal. The next drawing stands below it, or waits for the
   * end of its line.
   */
  makeWay(text: string): void {
    this.#isTaken = !text.endsWith("\n");
    this.end();
  }

  /** Takes the status away; the next line stands in its place. */
  end(): void {
    if (this.#text !== undefined) this.#terminal.write(`${CLEAR}${SHOW_CURSOR}`);
    this.#text = undefined;
  }

  #line(): string {
    return this.#text === undefined ? "" : `${NO_WRAP}${this.#text}${WRAP}${TO_BEGIN}`;
  }
}
