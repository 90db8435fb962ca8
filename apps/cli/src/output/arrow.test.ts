// @module-tag slow

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Row } from "@parallel-parrot/core";
import { openSink, openSource, type ColumnType } from "@parallel-parrot/formats";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

/** Made by pyarrow: rows with a column of every type. */
const ARROW_TYPES = fileURLToPath(
  new URL("../../../../packages/formats/fixtures/arrow-types.arrow", import.meta.url),
);

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({ answer: () => "a colour" });
  place = await Workplace.open(simulator);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["--prompt", "Of ${text}, ${timestamp zone}, ${duration}", "--model", "openai/gpt-4o-mini"];

/** The rows that have a text, of which a question can be made, in a file of this test. */
async function writeInput(name: string): Promise<Row[]> {
  const source = openSource(ARROW_TYPES);
  const columnTypes = (await source.columnTypes()) ?? new Map();
  const rows = (await Array.fromAsync(source)).filter(({ text }) => text !== null);
  await ReadableStream.from(rows).pipeTo(await openSink(place.path(name), { columnTypes }));
  return rows;
}

async function contentOf(name: string): Promise<{ types: [string, ColumnType][]; rows: Row[] }> {
  const source = openSource(place.path(name));
  const types = [...((await source.columnTypes()) ?? [])];
  return { types, rows: await Array.fromAsync(source) };
}

describe("Arrow on the command line", () => {
  it("parrot adds a column to a file of Arrow and keeps every cell and type of the others", async () => {
    const rows = await writeInput("in.feather");
    const { code, stderr } = await place.run("text", "in.feather", ...ASK, "-o", "out.arrow");
    expect([code, stderr]).toEqual([0, expect.stringContaining("8 rows")]);
    const { types } = await contentOf("in.feather");
    expect(await contentOf("out.arrow")).toEqual({
      types: [...types, ["output", { type: "text" }]],
      rows: rows.map((row) => Object.assign(row, { output: "a colour" })),
    });
    const prompts = simulator.ledger.entries.map(({ body }) => JSON.stringify(body)).join("\n");
    expect(prompts).toContain("2026-09-21T14:13:20.123456789Z, -PT0.000005S");
  });

  it("parrot reads a stream of Arrow from standard input, and writes one to standard output", async () => {
    const rows = await writeInput("in.arrows");
    const child = place.start(["text", "-", ...ASK, "--from", "arrow"]);
    const chunks: Uint8Array[] = [];
    child.stdout?.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    child.stdin?.end(await readFile(place.path("in.arrows")));
    expect((await child.finished).code).toBe(0);
    await writeFile(place.path("out.arrows"), Buffer.concat(chunks));
    const { rows: out, types } = await contentOf("out.arrows");
    expect(out).toEqual(rows.map((row) => Object.assign(row, { output: "a colour" })));
    expect(types).toHaveLength((await contentOf("in.arrows")).types.length + 1);
  });

  it("parrot refuses a file of Arrow that is cut off before it asks anything", async () => {
    await writeInput("in.arrow");
    await writeFile(place.path("cut.arrow"), (await readFile(place.path("in.arrow"))).subarray(0, -10));
    const { code, stderr } = await place.run("text", "cut.arrow", ...ASK, "-o", "out.arrow");
    expect([code, stderr]).toEqual([2, expect.stringContaining("is it cut off?")]);
    expect(simulator.ledger.received).toBe(0);
  });
});
