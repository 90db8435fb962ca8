// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

/** What a terminal would obey, and what makes text look like another. */
const HOSTILE = "\u001B]0;title\u0007 \u009B31m \u007F \u202Egpj.exe \u200F \u0085";
const OBEYED = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

let simulator: Simulator;
let place: Workplace;
beforeEach(async () => {
  simulator = await startSimulator();
  place = await Workplace.open(simulator);
  await place.write("terminal.mjs", "process.stdout.isTTY = true;");
  await place.write("in.jsonl", `${JSON.stringify({ [`id${HOSTILE}`]: 1, text: `Echo ${HOSTILE}` })}\n`);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const RUN = ["--prompt", `\${text} ${HOSTILE}`, "--model", "openai/sim"];

/** Reads what a command prints, as far as that is data. */
type Read = (text: string) => unknown;
const json: Read = (text) => JSON.parse(text) as unknown;
const jsonLines: Read = (text) => text.trim().split("\n").map(json);
const notData: Read = () => undefined;

const COMMANDS: readonly (readonly [string, readonly string[], Read])[] = [
  ["journal show", ["journal", "show"], notData],
  ["journal show --json", ["journal", "show", "--json"], json],
  ["journal export", ["journal", "export"], jsonLines],
  ["explain", ["explain", "text", "in.jsonl", ...RUN, "--temperature", "0.5"], notData],
  ["explain --json", ["explain", "text", "in.jsonl", ...RUN, "--temperature", "0.5", "--json"], jsonLines],
  ["estimate", ["estimate", "text", "in.jsonl", ...RUN], notData],
  ["estimate --json", ["estimate", "text", "in.jsonl", ...RUN, "--json"], json],
  ["text --preview", ["text", "in.jsonl", ...RUN, "--preview", "1"], notData],
  ["text -o -", ["text", "in.jsonl", ...RUN, "-o", "-", "--no-journal"], notData],
  ["explode", ["explode", "lists.jsonl", "--column", "list"], notData],
];

async function runOnce(): Promise<void> {
  const output = `out${HOSTILE.slice(4)}.jsonl`;
  expect(await place.run("text", "in.jsonl", ...RUN, "-o", output)).toMatchObject({ code: 0 });
  await place.write("lists.jsonl", `${JSON.stringify({ list: [HOSTILE] })}\n`);
}

it.each(COMMANDS)(
  "parrot %s prints nothing that a terminal would obey, and says the same in JSON as to a pipe",
  async (_, command, read) => {
    await runOnce();
    const piped = await place.run(...command);
    place.environment["NODE_OPTIONS"] = "--import=./terminal.mjs";
    const shown = await place.run(...command);
    expect({ code: shown.code, stderr: shown.stderr }).toMatchObject({ code: piped.code });
    expect(shown.stdout).not.toBe("");
    expect(shown.stdout).not.toMatch(OBEYED);
    expect(read(shown.stdout)).toEqual(read(piped.stdout));
  },
);

it("parrot journal show --json gives a pipe or file the data as it is", async () => {
  await runOnce();
  expect((await place.run("journal", "show", "--json")).stdout).toMatch(OBEYED);
});
