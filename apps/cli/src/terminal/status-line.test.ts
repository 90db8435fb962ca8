import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { StatusLine } from "./status-line.ts";

/** A terminal that shows what is written to it, as one on a screen would. */
class Screen {
  readonly #terminal: xterm.Terminal;
  readonly line: StatusLine;

  constructor(columns: number) {
    const terminal = new xterm.Terminal({
      cols: columns,
      rows: 12,
      convertEol: true,
      allowProposedApi: true,
    });
    this.#terminal = terminal;
    this.line = new StatusLine({ columns, write: (text) => terminal.write(text) });
  }

  /** Writes rows as standard output does. */
  write(text: string): void {
    this.line.makeWay(text);
    this.#terminal.write(text);
  }

  /** Writes as another program does. */
  writeUnseen(text: string): void {
    this.#terminal.write(text);
  }

  /** The lines on it, to the last that is not empty. */
  async lines(): Promise<readonly string[]> {
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
    const { active } = this.#terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true) ?? "",
    );
    return lines.slice(0, lines.findLastIndex((text) => text !== "") + 1);
  }
}

describe("StatusLine", () => {
  it.each([60, 80, 200])(
    "a status line leaves nothing of itself under what is said, at %i columns",
    async (columns) => {
      const screen = new Screen(columns);
      const { line } = screen;
      line.draw((width) => "x".repeat(width));
      line.say("parrot: Stopped by Ctrl-C");
      line.draw(() => "2 rows");
      expect(await screen.lines()).toEqual(["parrot: Stopped by Ctrl-C", "2 rows"]);
      line.say("y".repeat(columns + 5));
      line.draw(() => "3");
      line.end();
      line.say("done");
      expect(await screen.lines()).toEqual([
        "parrot: Stopped by Ctrl-C",
        "y".repeat(columns),
        "yyyyy",
        "done",
      ]);
    },
  );

  it("a status line makes way for rows on the same terminal, and waits for the end of their line", async () => {
    const screen = new Screen(40);
    const { line } = screen;
    line.draw(() => "1 row · 3 in flight · 17 tokens");
    screen.write("1,a\n");
    line.draw(() => "2 rows");
    screen.write("2,");
    line.draw(() => "3 rows");
    expect(await screen.lines()).toEqual(["1,a", "2,"]);
    screen.write("b\n");
    line.draw(() => "4 rows");
    expect(await screen.lines()).toEqual(["1,a", "2,b", "4 rows"]);
    line.end();
    screen.write("[");
    line.say("parrot: Stopped by Ctrl-C");
    expect(await screen.lines()).toEqual(["1,a", "2,b", "[", "parrot: Stopped by Ctrl-C"]);
  });

  it("what another program writes to the terminal is put over a status line, not behind it", async () => {
    const screen = new Screen(20);
    screen.line.draw(() => "1 row · 3 in");
    screen.writeUnseen("1,a\n");
    expect(await screen.lines()).toEqual(["1,aow · 3 in"]);
  });

  it("a status line with wide letters takes one line all the same", async () => {
    const screen = new Screen(20);
    const { line } = screen;
    line.draw(() => "鸚鵡".repeat(20));
    line.draw(() => "1 row");
    expect(await screen.lines()).toEqual(["1 row"]);
    line.end();
    expect(await screen.lines()).toEqual([]);
  });
});
