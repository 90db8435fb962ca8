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

/** The last line of a terminal, drawn anew again and again. Lines that are written meanwhile stand above it. */
export class StatusLine {
  readonly #terminal: Terminal;
  #text: string | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Whether it has been drawn and has not ended. */
  get isShown(): boolean {
    return this.#text !== undefined;
  }

  /** @param text a line for a width of `columns` */
  draw(text: (columns: number) => string): void {
    const next = text(this.#terminal.columns);
    if (next === this.#text) return;
    const hide = this.#text === undefined ? HIDE_CURSOR : "";
    this.#text = next;
    this.#terminal.write(`${hide}${NO_WRAP}${CLEAR}${next}${WRAP}`);
  }

  /** Writes a line above the status. */
  say(line: string): void {
    this.#terminal.write(`${CLEAR}${line}\n${NO_WRAP}${this.#text ?? ""}${WRAP}`);
  }

  /** Leaves the status where it is; the next line stands below it. */
  end(): void {
    if (this.#text !== undefined) this.#terminal.write(`\n${SHOW_CURSOR}`);
    this.#text = undefined;
  }
}
