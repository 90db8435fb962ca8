import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const SOURCE = new URL("../index.ts", import.meta.url).href;
const HOSTILE = "a\u001B]0;title\u0007b\u001B[2Jc\u009B31md\u202Ee\u200Ff\u0085g\rh\ti";

/** What a CSV sink of standard output writes, where that is a terminal and where it is not. */
function written(isTerminal: boolean): string {
  const program = `
    process.stdout.isTTY = ${isTerminal};
    const { csvSink } = await import(${JSON.stringify(SOURCE)});
    const writer = csvSink("-").getWriter();
    await writer.write({ text: ${JSON.stringify(HOSTILE)} });
    await writer.close();`;
  const options = ["--conditions=@parallel-parrot/source", "--input-type=module", "-e", program];
  const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout;
}

describe("standard output", () => {
  it("standard output gets no control characters and no marks that turn text where it is a terminal", () => {
    expect(written(true)).toBe('text\n"a�]0;title�b�[2Jc�31md�e�f�g�h\ti"\n');
  });

  it("standard output gets the cells as they are where it is a file or a pipe", () => {
    expect(written(false)).toContain(HOSTILE);
  });
});
