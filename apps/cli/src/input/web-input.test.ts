// @module-tag slow

import { readFile } from "node:fs/promises";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startObjectStore, type ObjectStore } from "../../../../packages/formats/fixtures/object-store.ts";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let store: ObjectStore;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator();
  store = await startObjectStore();
  store.files.set("rows.csv", Buffer.from("text\none\ntwo\nthree\n"));
  place = await Workplace.open(simulator);
});
afterEach(async () => {
  await place.close();
  await store[Symbol.asyncDispose]();
  await simulator.close();
});

const ASK = ["--prompt", "Say ${text}", "--model", "openai/sim"];

/** The address as a presigned one is, with a signature of its own. */
function signed(signature: string): string {
  return `${store.url("rows.csv")}?X-Amz-Expires=60&X-Amz-Signature=${signature}`;
}

describe("a run over a signed web address", () => {
  it("the signature is in no journal, message or output, and another one goes on with the run", async () => {
    const first = await place.run(
      "text",
      signed("sesame1"),
      ...ASK,
      "-o",
      "out.csv",
      "--source-column",
      "from",
      "--max-requests",
      "1",
    );
    expect(first.code).toBe(4);
    expect(first.stderr).toContain("Go on with: the same command, with the same input");
    const refused = await place.run("resume");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("no journal keeps the query of an address");
    expect(simulator.ledger.received).toBe(1);

    const again = await place.run(
      "text",
      signed("sesame2"),
      ...ASK,
      "-o",
      "out.csv",
      "--source-column",
      "from",
    );
    expect(again.code).toBe(0);
    expect(simulator.ledger.received).toBe(3);
    expect(await place.read("out.csv")).toContain(`one,${store.url("rows.csv")}?…,`);
    const shown = await place.run("journal", "show");
    expect(shown.stdout).toContain("rows.csv?…");
    const places = (await place.files()).filter((name) => !name.endsWith(".parrot"));
    const kept = await Promise.all(places.map((name) => readFile(place.path(name), "latin1")));
    expect([...kept, first.stderr, refused.stderr, again.stderr, shown.stdout].join()).not.toContain(
      "sesame",
    );
  });

  it("another file at an address with the same path does not replace the output of the first", async () => {
    const command = (signature: string): string[] => ["text", signed(signature), ...ASK, "-o", "out.csv"];
    expect((await place.run(...command("1"))).code).toBe(0);
    expect((await place.run(...command("2"))).stderr).toContain("Nothing to do");
    store.files.set("rows.csv", Buffer.from("text\nfour\n"));
    const refused = await place.run(...command("3"));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("Cannot write out.csv: it exists");
  });

  it("an address that is refused is told before anything is asked, without its signature", async () => {
    store.refusals = [
      [403, {}, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"],
    ];
    const { code, stderr } = await place.run("text", signed("sesame"), ...ASK, "-o", "out.csv");
    expect(code).toBe(2);
    expect(stderr).toContain("the signature in its address has expired; give a new address");
    expect(stderr).not.toContain("sesame");
    expect(simulator.ledger.received).toBe(0);
  });

  it("an address to cross with is refused, as a journal would keep it, and its signature is not shown", async () => {
    await place.write("in.csv", "text\none\n");
    const command = ["text", "in.csv", ...ASK, "-o", "out.csv", "--cross", signed("sesame")];
    const { code, stderr } = await place.run(...command);
    expect(code).toBe(2);
    expect(stderr).toContain("save it as a file of this machine");
    expect(stderr).not.toContain("sesame");
    expect(store.asked).toEqual([]);
  });
});
