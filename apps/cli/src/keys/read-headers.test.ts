import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fromAnywhere, headerNames, shownHeader } from "../flags/header-text.ts";
import { readHeaders } from "./read-headers.ts";

const SECRET = "canary-9f8e$$7d6c";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-headers-"));
  await writeFile(join(folder, "key"), `${SECRET}\n`);
  await writeFile(join(folder, "two"), `${SECRET}\n${SECRET}\n`);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  vi.stubEnv("GATEWAY_KEY", SECRET);
  vi.stubEnv("NO_SUCH_KEY", undefined);
});
afterEach(() => void vi.unstubAllEnvs());

describe("a header of the command line", () => {
  it.each([
    ["x-team: red", "x-team", "red"],
    ["  X-Title :Reviews: all ", "X-Title", "Reviews: all"],
    ["x-price: 5 US$ or $$5", "x-price", "5 US$ or $5"],
    ["x-mail: me@example.org", "x-mail", "me@example.org"],
    ["x-empty:", "x-empty", ""],
  ])("a header of the command line is its name and its value: %s", async (text, name, value) => {
    expect(await readHeaders([text])).toEqual({ headers: { [name]: value }, secretHeaders: {} });
  });

  it.each([
    ["x-key: $GATEWAY_KEY", SECRET],
    ["x-key: ${GATEWAY_KEY}", SECRET],
    ["x-key: Bearer $GATEWAY_KEY", `Bearer ${SECRET}`],
    ["x-key: $$${GATEWAY_KEY}-1", `$${SECRET}-1`],
  ])("a header of the command line takes a secret from the environment: %s", async (text, value) => {
    expect(await readHeaders([text])).toEqual({ headers: {}, secretHeaders: { "x-key": value } });
  });

  it("a header of the command line takes a secret from a file", async () => {
    const read = await readHeaders([`x-key: @${join(folder, "key")}`]);
    expect(read).toEqual({ headers: {}, secretHeaders: { "x-key": SECRET } });
  });

  it.each([
    ["canary-7d6c5b4a", /--header number 1: it has no colon/],
    ["x-key: $NO_SUCH_KEY", /header x-key: the environment variable NO_SUCH_KEY is not set/],
    ["x-key: canary-7d6c5b4a", /header x-key: a secret is not given in the command itself/],
    ["Authorization: Bearer canary-7d6c5b4a", /'Authorization: \$NAME'/],
    ["x-key: @no-such-file", /no-such-file, given as --header x-key/],
  ])(
    "a header of the command line that cannot be sent is refused, and no value is shown: %s",
    async (text, message) => {
      await expect(readHeaders([text])).rejects.toThrow(message);
      await expect(readHeaders([text])).rejects.not.toThrow("canary");
    },
  );

  it("a header of the command line from a file of several lines, or given twice, is refused", async () => {
    await expect(readHeaders([`x-key: @${join(folder, "two")}`])).rejects.toThrow(/more than one line/);
    await expect(readHeaders(["x-team: a", "X-Team: b"])).rejects.toThrow(/X-Team: it is given twice/);
  });

  it("a header of the command line is shown by its name, and by a reference but no value", () => {
    expect(headerNames(["x-a: 1", "x-b: $B"])).toEqual(["x-a", "x-b"]);
    expect(
      ["x-a: 1", "x-b: $B", "x-c: ${C}", "x-d: @file", "x-e: Basic $E-canary", "x-f: $F$G"].map(shownHeader),
    ).toEqual(["x-a: …", "x-b: $B", "x-c: ${C}", "x-d: @file", "x-e: …", "x-f: …"]);
  });

  it("a header of the command line names its file as seen from any folder", () => {
    expect(fromAnywhere("x-d: @key")).toBe(`x-d: @${join(process.cwd(), "key")}`);
    expect(fromAnywhere("x-a: me@example.org")).toBe("x-a: me@example.org");
  });
});
