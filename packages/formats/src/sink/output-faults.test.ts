// @module-tag slow

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  type fsync,
  type NoParamCallback,
} from "node:fs";
import type * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { isParrotError, type Row } from "@parallel-parrot/core";
import { readAll } from "@parallel-parrot/core/testing";
import { constants, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openSink, openSource, writeFinetuneFiles } from "../index.ts";

/** Which of the file operations, by number from 1, fails, and how. */
interface Fault {
  readonly first: number;
  readonly kind: "error" | "short write";
  readonly lasts: boolean;
}

const injected = vi.hoisted(() => {
  const state: { fault: Fault | undefined; operations: string[]; hits: string[] } = {
    fault: undefined,
    operations: [],
    hits: [],
  };
  /** What becomes of the next operation. */
  function next(operation: string): Fault["kind"] | undefined {
    state.operations.push(operation);
    const { fault } = state;
    const at = state.operations.length;
    if (fault === undefined || (fault.lasts ? at < fault.first : at !== fault.first)) return undefined;
    if (fault.kind === "short write" && operation !== "write") return undefined;
    state.hits.push(operation);
    return fault.kind;
  }
  const ioError = (operation: string): Error =>
    Object.assign(new Error(`EIO: i/o error, ${operation}`), { code: "EIO" });
  return { state, next, ioError };
});

// The real functions, on real files; only the one that is to fail does.
vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const { next, ioError, state } = injected;

  function failing<A extends unknown[], R>(
    operation: string,
    run: (...args: A) => Promise<R>,
  ): (...args: A) => Promise<R> {
    return async (...args) => {
      if (next(operation) === "error") throw ioError(operation);
      return await run(...args);
    };
  }

  function breakHandle(handle: fs.FileHandle): fs.FileHandle {
    const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
    const close = handle.close.bind(handle);
    for (const operation of ["chmod", "stat", "truncate", "read"] as const) {
      Object.assign(handle, { [operation]: failing(operation, handle[operation].bind(handle) as never) });
    }
    return Object.assign(handle, {
      // A descriptor that cannot be closed in order is gone nevertheless.
      close: async () => {
        await close();
        if (next("close") === "error") throw ioError("close");
      },
      write: async (bytes: Uint8Array, offset: number, length: number, position: number) => {
        const kind = next("write");
        if (kind === "error") throw ioError("write");
        // Full in the middle of the first, and no byte more afterwards.
        const isFull = kind === "short write" && state.hits.length > 1;
        if (isFull) return { bytesWritten: 0, buffer: bytes };
        const taken = kind === "short write" ? Math.floor(length / 2) : length;
        return await write(bytes, offset, taken, position);
      },
    });
  }

  const operations = ["stat", "lstat", "realpath", "access", "rename", "link", "rm"] as const;
  return {
    ...real,
    ...Object.fromEntries(operations.map((name) => [name, failing(name, real[name] as never)])),
    open: failing("open", async (...args: Parameters<typeof real.open>) =>
      breakHandle(await real.open(...args)),
    ),
  };
});

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<{ fsync: typeof fsync }>();
  const { next, ioError } = injected;
  return {
    ...real,
    fsync: (descriptor: number, done: NoParamCallback) => {
      if (next("sync") === "error") done(ioError("sync"));
      else real.fsync(descriptor, done);
    },
  };
});

let directory: string;
let output: string;
let partial: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  injected.state.fault = undefined;
});

interface Scenario {
  readonly extension: string;
  readonly late?: boolean;
  readonly existing: boolean;
  readonly growsAt: "partial" | "hidden";
  readonly end: "close" | "abort";
}

interface Outcome {
  readonly error: unknown;
  /** Rows whose write resolved. */
  readonly acknowledged: number;
  readonly operations: readonly string[];
  readonly hits: readonly string[];
}

// Several writes each, also when compressed.
const TEXTS = Array.from({ length: 5 }, () => `t${randomBytes(13_000).toString("base64")}`);

function rowsOf({ late = false }: Scenario): Row[] {
  return TEXTS.map((text, id) => ({ id: String(id), text, ...(late && id === 4 ? { extra: "1" } : {}) }));
}

async function write(scenario: Scenario, fault: Fault | undefined): Promise<Outcome> {
  const { extension, existing, growsAt, end } = scenario;
  directory = mkdtempSync(join(tmpdir(), "parrot-faults-"));
  output = join(directory, `out.${extension}`);
  partial = join(directory, `out.partial.${extension}`);
  if (existing) writeFileSync(output, "old");
  if (existing && growsAt === "partial") writeFileSync(partial, "old");
  Object.assign(injected.state, { fault, operations: [], hits: [] });
  let error: unknown;
  let acknowledged = 0;
  try {
    const options = growsAt === "partial" ? { partial, replacePartial: existing } : {};
    const writer = (await openSink(output, { overwrite: existing, ...options })).getWriter();
    for (const row of rowsOf(scenario)) {
      await writer.write(row);
      acknowledged += 1;
    }
    await writer[end](new Error("stopped"));
  } catch (reason) {
    error = reason;
  }
  injected.state.fault = undefined;
  const { operations, hits } = injected.state;
  return { error, acknowledged, operations: [...operations], hits: [...hits] };
}

function contentOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "latin1") : undefined;
}

function openDescriptors(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return "";
      }
    })
    .filter((path) => path.startsWith(directory));
}

/** What an undisturbed run leaves. */
interface Reference {
  readonly complete: string;
  /** The text that grows: columns that come late are not in its header. */
  readonly draft: string;
}

function referenceOf({ end, late, extension }: Scenario): Reference {
  const complete = contentOf(end === "close" ? output : partial) ?? "";
  const text = textOf(complete, extension);
  return { complete, draft: late === true ? text.replace(",extra", "").replaceAll(/,(?=\n)/g, "") : text };
}

/** The text in a file, as far as it goes. */
function textOf(content: string, extension: string): string {
  if (!extension.endsWith(".gz")) return content;
  return gunzipSync(Buffer.from(content, "latin1"), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

async function check(
  scenario: Scenario,
  fault: Fault,
  outcome: Outcome,
  reference: Reference,
): Promise<void> {
  const { error, hits } = outcome;
  const old = scenario.existing ? "old" : undefined;
  const atName = contentOf(output);
  const isComplete = atName === reference.complete;
  assert.ok(isComplete || atName === old, "the output's name has half a file");
  const message = error instanceof Error ? error.message : "";
  if (error === undefined) assert.equal(isComplete, scenario.end === "close");
  else checkError(error);
  assert.deepEqual(openDescriptors(), []);
  assert.equal(vi.getTimerCount(), 0);
  if (scenario.growsAt === "partial" && !isComplete) {
    await checkPartial(scenario, outcome, reference, message);
  }
  // What cannot be removed stays.
  if (fault.lasts || hits.some((operation) => operation === "rm" || operation === "lstat")) return;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    assert.ok(path === output || path === partial || message.includes(path), `${name} is left`);
  }
}

/** It is one of ours and names the file. */
function checkError(error: unknown): void {
  assert.ok(isParrotError(error));
  assert.match(error.code, /^OUTPUT_/);
  assert.ok(error.file === output || error.file === partial, `its file is ${error.file}`);
  assert.ok(error.message.includes(error.file));
}

/** The rows that were acknowledged are in the partial file, or the error says otherwise. */
async function checkPartial(
  { end, extension }: Scenario,
  { error, acknowledged }: Outcome,
  { complete, draft }: Reference,
  message: string,
): Promise<void> {
  const told = /; the first (?:(\d+) rows|row)(, but not all columns in the header,)? (?:is|are) in /.exec(
    message,
  );
  const content = contentOf(partial) ?? "";
  if (error === undefined) {
    assert.equal(end, "abort");
    assert.equal(content, complete);
  } else if (told !== null) {
    const [, count = "1", isDraft] = told;
    if (isDraft === undefined) {
      const rows = await readAll(openSource(partial));
      assert.deepEqual(
        rows.map((row) => row["text"]),
        TEXTS.slice(0, Number(count)),
      );
    } else {
      const lines = draft.split("\n").slice(0, Number(count) + 1);
      assert.deepEqual(textOf(content, extension).split("\n"), [...lines, ""]);
    }
  } else if (message.includes(`; the finished rows are in ${partial}`)) {
    assert.equal(content, complete);
  } else if (message.includes(`; the rows that could be written are in ${partial}`)) {
    assert.notEqual(content, "");
    assert.ok(draft.startsWith(textOf(content, extension)));
  } else if (acknowledged > 0) {
    assert.match(message, /; no rows are left$/);
  }
}

const FORMATS = [
  { extension: "csv", existing: false },
  { extension: "csv", existing: true },
  { extension: "csv", existing: false, late: true },
  { extension: "csv.gz", existing: true, late: true },
  { extension: "json", existing: false },
  { extension: "jsonl", existing: true },
  { extension: "jsonl.gz", existing: false },
];

const SCENARIOS: readonly Scenario[] = FORMATS.flatMap((format) => [
  { ...format, growsAt: "partial", end: "close" },
  { ...format, growsAt: "partial", end: "abort" },
  { ...format, growsAt: "hidden", end: "close" },
  { ...format, growsAt: "hidden", end: "abort" },
]);
const FORMS = [
  { kind: "error", lasts: false },
  { kind: "error", lasts: true },
  { kind: "short write", lasts: false },
  { kind: "short write", lasts: true },
] as const;

/** Operations that an undisturbed run is made of, among others. */
function expectedOperations({ existing, growsAt, end, late }: Scenario): string[] {
  const names = ["open", "stat", "chmod", "write", "lstat", "close"];
  if (growsAt === "partial") names.push("realpath");
  if (growsAt === "partial" || end === "close")
    names.push("sync", ...(late === true ? ["read", "rename"] : []));
  if (end === "close") names.push(...(existing ? ["rename"] : ["link", "rm"]));
  return names;
}

describe("the n-th file operation fails, for every n", () => {
  it.each(SCENARIOS)(
    "an output loses and leaves nothing where any of its file operations fails: $extension, $growsAt, $end, existing: $existing, late column: $late",
    async (scenario) => {
      const undisturbed = await write(scenario, undefined);
      expect(undisturbed.error).toBeUndefined();
      expect(undisturbed.operations).toEqual(expect.arrayContaining(expectedOperations(scenario)));
      const reference = referenceOf(scenario);
      rmSync(directory, { recursive: true });
      for (const form of FORMS) {
        let failures = 0;
        for (let first = 1; ; first++) {
          const fault = { first, ...form };
          const outcome = await write(scenario, fault);
          try {
            await check(scenario, fault, outcome, reference);
          } catch (error) {
            const operations = outcome.operations.map((name, at) => (at + 1 === first ? `>${name}<` : name));
            throw new Error(`${JSON.stringify(fault)}: ${operations.join(" ")}`, { cause: error });
          } finally {
            rmSync(directory, { recursive: true });
          }
          if (outcome.hits.length > 0) failures += 1;
          else if (first > undisturbed.operations.length) break;
        }
        const isFailure = (name: string): boolean => form.kind === "error" || name === "write";
        // How many writes compressed bytes come in differs from run to run.
        const expected = undisturbed.operations.filter(isFailure).length;
        expect(failures).toBeGreaterThanOrEqual(scenario.extension.endsWith(".gz") ? 1 : expected);
      }
    },
  );
});

describe("a flush of a growing file that fails", () => {
  it("a flush of a growing file that fails errors the sink with what became of the rows, though nobody writes", async () => {
    directory = mkdtempSync(join(tmpdir(), "parrot-faults-"));
    output = join(directory, "out.json");
    partial = join(directory, "out.partial.json");
    const writer = (await openSink(output, { partial })).getWriter();
    const flushed = async (): Promise<void> => {
      vi.advanceTimersByTime(1000);
      while (contentOf(partial) === "") await turn();
    };
    await writer.write({ id: 0 });
    await flushed();
    await writer.write({ id: 1 });
    Object.assign(injected.state, { fault: { first: 1, kind: "error", lasts: false }, operations: [] });
    vi.advanceTimersByTime(1000);
    await expect(writer.closed).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      file: output,
      message: `Cannot write ${output}: EIO: i/o error, write; the first row is in ${partial}`,
    });
    expect(await readAll(openSource(partial))).toEqual([{ id: 0 }]);
    expect(openDescriptors()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    rmSync(directory, { recursive: true });
  });
});

describe("a set of files of which one fails", () => {
  it("a set of fine-tuning files appears whole or not at all, whichever file operation fails", async () => {
    const rows = ["one", "two", "three"].map((word) => ({ question: word, answer: word }));
    const names = ["train.0001.jsonl", "train.0002.jsonl", "train.0003.jsonl"];
    let failures = 0;
    for (let first = 1; ; first++) {
      directory = mkdtempSync(join(tmpdir(), "parrot-faults-"));
      Object.assign(injected.state, {
        fault: { first, kind: "error", lasts: false },
        operations: [],
        hits: [],
      });
      const options = { prompt: "question", completion: "answer", maxTokensPerFile: 13 };
      const error: unknown = await writeFinetuneFiles(rows, {
        ...options,
        output: join(directory, "train.jsonl"),
      }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      injected.state.fault = undefined;
      const present = readdirSync(directory).filter((name) => !name.startsWith("."));
      expect([first, present]).toEqual([first, error === undefined ? names : []]);
      expect(openDescriptors()).toEqual([]);
      rmSync(directory, { recursive: true });
      if (injected.state.hits.length === 0) break;
      failures += 1;
    }
    expect(failures).toBeGreaterThan(30);
  });
});
