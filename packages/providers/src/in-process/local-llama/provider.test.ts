import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { localLlama, providers, type Provider } from "../../index.ts";

/** A file that begins as a model does. */
function modelFile(content = "", name = "tiny.gguf"): string {
  const folder = mkdtempSync(join(tmpdir(), "parrot-gguf-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, gguf(content));
  return path;
}

/** A file of version 3 with the counts of its tensors and its properties. */
function gguf(content: string, tensors = 1n, properties = 1n): Buffer {
  const head = Buffer.alloc(24);
  head.write("GGUF");
  head.writeUInt32LE(3, 4);
  head.writeBigUInt64LE(tensors, 8);
  head.writeBigUInt64LE(properties, 16);
  return Buffer.concat([head, Buffer.from(content)]);
}

const CALL = {
  prompt: { messages: [{ role: "user", content: "Hi" }] },
  params: {},
  shape: { type: "text" },
  n: 1,
} as const;

function requestOf(provider: Provider): unknown {
  const { url, body } = provider.buildRequest(CALL, new Set());
  return { url, body };
}

describe("localLlama", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it("localLlama costs nothing, works on four requests at once, and is asked without a server", () => {
    const provider = localLlama({ model: modelFile() });
    expect(provider).toMatchObject({
      name: "local",
      model: "tiny.gguf",
      price: { input: 0, output: 0 },
      concurrency: 4,
      send: expect.any(Function),
    });
    expect(localLlama({ model: modelFile(), sequences: 2 }).concurrency).toBe(2);
  });

  it("localLlama makes the same request of a model file that was moved, and another of one that was replaced", () => {
    const path = modelFile("weights");
    const before = requestOf(localLlama({ model: path }));
    const folder = join(path, "../other");
    mkdirSync(folder);
    const moved = join(folder, "tiny.gguf");
    renameSync(path, moved);
    expect(requestOf(localLlama({ model: moved }))).toEqual(before);
    writeFileSync(moved, gguf("weightz"));
    expect(requestOf(localLlama({ model: moved }))).not.toEqual(before);
  });

  it.each([
    [
      "a file that is not there",
      () => "/none/tiny.gguf",
      "/none/tiny.gguf as a model: there is no such file",
    ],
    ["a folder", () => tmpdir(), "as a model: it is not a file"],
    [
      "a file of another form",
      () => {
        const path = modelFile();
        writeFileSync(path, "id,text\n1,GGUF\n");
        return path;
      },
      "as a model: it is not a GGUF file",
    ],
  ])("localLlama refuses %s by its name", (_what, path, message) => {
    expect(() => localLlama({ model: path() })).toThrow(message);
  });

  it.skipIf(process.platform === "win32")("localLlama refuses a pipe and does not wait for it", () => {
    const path = `${modelFile()}.pipe`;
    execFileSync("mkfifo", [path]);
    expect(() => localLlama({ model: path })).toThrow("it is not a file");
  });

  it.each([
    ["nothing behind its first word", "GGUF"],
    ["other text behind its first word", "GGUF and nothing else at all"],
    ["an absurd number of properties", gguf("", 1n, 2n ** 60n)],
  ])("localLlama refuses a file with %s, before it is read into memory", (_what, content) => {
    const path = modelFile();
    writeFileSync(path, content);
    expect(() => localLlama({ model: path })).toThrow("its head is damaged");
  });

  it("localLlama takes the number of requests from llama.cpp's own variable, and refuses what is no number", () => {
    vi.stubEnv("LLAMA_ARG_N_PARALLEL", "7");
    expect(localLlama({ model: modelFile() }).concurrency).toBe(7);
    // What llama.cpp reads as its own choice.
    vi.stubEnv("LLAMA_ARG_N_PARALLEL", "-1");
    expect(localLlama({ model: modelFile() }).concurrency).toBe(4);
    vi.stubEnv("LLAMA_ARG_THREADS", "all");
    expect(() => localLlama({ model: modelFile() })).toThrow('"all", which is set as LLAMA_ARG_THREADS');
  });

  it("localLlama stops the run with the command that installs node-llama-cpp, which this workspace does not have", async () => {
    const provider = localLlama({ model: modelFile() });
    const request = provider.buildRequest(CALL, new Set());
    const response = await provider.send?.(request, new AbortController().signal);
    expect(response && provider.readResponse(response, new Set())).toMatchObject({
      ok: false,
      rejection: {
        verdict: "stop",
        code: "SETUP_FAILED",
        message: expect.stringContaining("npm install node-llama-cpp"),
      },
    });
  });

  it("localLlama is chosen as the provider local, and refuses what is for a server", () => {
    const entry = providers.find(({ name }) => name === "local");
    const model = modelFile();
    expect(entry?.create({ model }).capabilities).toEqual(entry?.capabilities);
    expect(() => entry?.create({ model, baseUrl: "http://localhost:8080/v1" })).toThrow("it has no server");
    expect(() => entry?.create({ model, extraBody: { top_k: 1 } })).toThrow("the option extraBody");
    expect(entry?.create({ model, apiKey: "k", headers: {} }).name).toBe("local");
  });
});
