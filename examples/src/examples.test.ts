// @module-tag slow

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const here = import.meta.dirname;

let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), "parrot-examples-"));
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  OPENAI_BASE_URL: simulator.baseUrl,
  OPENAI_API_KEY: simulator.apiKey,
  OLLAMA_URL: simulator.baseUrl,
});

async function example(name: string, ...parameters: string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, [join(here, name), ...parameters], {
    cwd: folder,
    env: environment(),
  });
  expect(stderr).toBe("");
  return stdout;
}

describe("the examples", () => {
  it("compose-stages.ts writes tidy rows", async () => {
    await example("compose-stages.ts", "pairs.csv");
    const lines = (await readFile(join(folder, "pairs.csv"), "utf8")).trim().split("\n");
    expect(lines[0]).toBe("title,question,answer");
    expect(lines.length).toBeGreaterThan(96);
    expect(lines[1]).toMatch(/^George Washington,/);
  });

  it("product-sentiment.ts tells a sentiment for each review", async () => {
    const output = await example("product-sentiment.ts");
    expect(output).toMatch(/^Kettle: positive\nTent: negative\nLamp: neutral\n3 requests, \d+ tokens\n$/i);
  });

  it("resume.ts asks nothing the second time and writes the same", async () => {
    const before = simulator.ledger.received;
    expect(await example("resume.ts")).toBe("48 requests, 0 answers from the journal\n");
    const headlines = await readFile(join(folder, "headlines.csv"), "utf8");
    expect(await example("resume.ts")).toBe("0 requests, 48 answers from the journal\n");
    expect(await readFile(join(folder, "headlines.csv"), "utf8")).toBe(headlines);
    expect(simulator.ledger.received - before).toBe(48);
  });

  it("question-answer-pairs.ts prints pairs of both presidents", async () => {
    const output = await example("question-answer-pairs.ts");
    expect(output).toMatch(/^George Washington \| .+\? \| .+/m);
    expect(output).toMatch(/^John Adams \| .+\? \| .+/m);
  });

  it("swap-provider.ts asks another provider by one word", async () => {
    expect(await example("swap-provider.ts", "openai")).toContain("Nairobi");
    expect(await example("swap-provider.ts", "ollama")).toContain("Nairobi");
    await expect(example("swap-provider.ts", "nobody")).rejects.toThrow("Give one of openai, ollama, vllm");
  });

  it("own-function.ts asks a function", async () => {
    expect(await example("own-function.ts")).toContain("DESCRIBE NAIROBI.");
  });

  it("node-streams.ts prints a row for each word", async () => {
    const rows = (await example("node-streams.ts"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ word }) => word)).toEqual(["parrot", "quick", "river"]);
    expect(rows.every(({ sentence }) => typeof sentence === "string" && sentence !== "")).toBe(true);
  });

  it("own-stage.ts asks for the long reviews only", async () => {
    const before = simulator.ledger.received;
    const lines = (await example("own-stage.ts")).trim().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.length).toBeLessThan(30);
    expect(simulator.ledger.received - before).toBe(lines.length);
  });
});

describe("csv-server.ts", () => {
  async function withServer(use: (port: number) => Promise<void>): Promise<void> {
    const server = spawn(process.execPath, [join(here, "csv-server.ts")], {
      env: { ...environment(), PORT: "0" },
    });
    try {
      const [line] = await once(server.stdout, "data");
      const [, port] = /"port":(\d+)/.exec(String(line)) ?? [];
      await use(Number(port));
    } finally {
      server.kill();
      await once(server, "exit");
    }
  }

  it("answers an upload with a download, row by row", async () => {
    await withServer(async (port) => {
      const body = await readFile(join(here, "../data/reviews.csv"));
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
      const csv = await response.text();
      expect(response.headers.get("content-type")).toContain("text/csv");
      expect(csv).toMatch(/^id,Product name,review,summary\n1,/);
      const asJson = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        headers: { accept: "application/json" },
        body,
      });
      const rows: unknown = await asJson.json();
      expect(rows).toHaveLength(30);
      expect(rows).toContainEqual(expect.objectContaining({ id: "1", summary: expect.any(String) }));
      const broken = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "id,text\n1,hello\n" });
      expect(broken.status).toBe(400);
      expect(await broken.text()).toContain('"review"');
    });
  });

  it("stops asking when the client leaves, and when it does not read", async () => {
    await withServer(async (port) => {
      const before = simulator.ledger.received;
      const upload = request({ port, method: "POST", headers: { "content-type": "text/csv" } });
      upload.on("error", () => undefined);
      upload.write("id,review\n");
      const row = `1,${"a lovely kettle ".repeat(2000)}\n`;
      const [response] = await Promise.all([
        once(upload, "response"),
        Promise.resolve(upload.write(row.repeat(20))),
      ]);
      // Nobody reads the response: the upload must come to a halt.
      let accepted = 0;
      while (upload.write(row.repeat(20)) || (await drained(upload))) accepted += 20;
      const received = simulator.ledger.received - before;
      expect(accepted).toBeLessThan(20_000);
      response[0]?.destroy?.();
      upload.destroy();
      const after = await settled(() => simulator.ledger.received);
      expect(after - before).toBeLessThan(received + 100);
    });
  });

  /** A number once it has not changed for a while, however long that takes. */
  async function settled(read: () => number): Promise<number> {
    for (let before = read(); ; before = read()) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (read() === before) return before;
    }
  }

  async function drained(upload: ReturnType<typeof request>): Promise<boolean> {
    return Promise.race([
      once(upload, "drain").then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 500, false)),
    ]);
  }
});
