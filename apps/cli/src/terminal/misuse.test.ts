import { describe, expect, it } from "vitest";
import { commandsOf, createProgram } from "../program.ts";

/** What is said of words that are no command line. */
async function saidOf(...words: readonly string[]): Promise<string> {
  let said = "";
  const program = createProgram("1.0.0", () => undefined);
  for (const command of commandsOf(program))
    command.exitOverride().configureOutput({ writeErr: (text) => (said += text) });
  await program.parseAsync(words, { from: "user" }).catch(() => undefined);
  return said;
}

describe("words that are no command line", () => {
  const NAME = "in\u001B]0;title\u0007\u001B[2J\nparrot: all is well\r\u202E.csv";

  it.each([
    ["an unknown command", ["explain", NAME, "--prompt", "x"]],
    ["an unknown option", ["text", `--${NAME}`]],
    ["a value that an option does not take", ["text", "in.csv", "--limit", NAME]],
    ["a value that an argument does not take", ["batch", "cancel", NAME]],
    ["one argument too many", ["ui", "here", NAME]],
  ])("the name of a stranger's file says nothing to the terminal in a message about %s", async (_, words) => {
    const said = await saidOf(...words);
    expect(said).toMatch(/^parrot: .*all is well.*\n\(add --help for the options and examples\)\n$/);
    expect(said).not.toMatch(/[^\n\u0020-\u007E…’]/);
  });

  it("what may have been meant is said in a line of its own", async () => {
    expect(await saidOf("tex")).toBe(
      "parrot: unknown command 'tex'\n(Did you mean text?)\n(add --help for the options and examples)\n",
    );
  });
});
