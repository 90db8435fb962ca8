import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import {
  generateData,
  generateText,
  isParrotError,
  llamaCpp,
  objectOf,
} from "../../packages/parallel-parrot/src/index.ts";
import type { PythonPackages } from "./install.ts";
import { LlamaServer } from "./llama-server.ts";
import { LONG_REVIEW, REVIEWS, REVIEWS_CSV, REVIEW_SCHEMA, MOOD_SCHEMA } from "./reviews.ts";
import { Workplace } from "./workplace.ts";

const PROMPT = "Say something short about: ${review}";
const SHORT = ["--max-tokens", "6", "--temperature", "0"];
const IDS = REVIEWS.map(({ id }) => String(id));

/** Tests against a server of llama.cpp over HTTP, by the built program and in code, 20 rows each. */
export function testServer(packages: PythonPackages): void {
  void describe("a llama.cpp server, asked by parrot", () => {
    let server: LlamaServer;
    const place = new Workplace({ LLAMA_API_KEY: LlamaServer.KEY });
    const whole = ["reviews.csv", "--model", "llamacpp/smollm2", "--prompt", PROMPT];
    const ask = (command: string, input: string, ...more: readonly string[]) =>
      place.start([command, input, ...whole.slice(1), "--base-url", server.baseUrl, ...more]);
    before(async () => {
      server = await LlamaServer.start(packages);
      place.write("reviews.csv", REVIEWS_CSV);
      place.write("schema.json", JSON.stringify(REVIEW_SCHEMA));
    });
    after(async () => {
      await server.kill();
      place[Symbol.dispose]();
    });

    void it("answers each row with a text, and tells the tokens that the server counted", async () => {
      const { code, stderr } = await ask("text", "reviews.csv", "--output", "text.jsonl", ...SHORT).finished;
      assert.equal(code, 0, stderr);
      const rows = place.rows("text.jsonl");
      assert.deepEqual(
        rows.map(({ id }) => id),
        IDS,
      );
      for (const { output } of rows) assert.match(String(output), /\S/);
      // Twenty tokens at least for each prompt.
      assert.match(stderr, /20 requests, \d{3,} input tokens/);
    });

    void it("keeps to a schema with a choice, bounds and a list", async () => {
      const options = ["--schema", "schema.json", "--single", "--max-tokens", "300"];
      const { code, stderr } = await ask("data", "reviews.csv", "--output", "data.jsonl", ...options)
        .finished;
      assert.equal(code, 0, stderr);
      const rows = place.rows("data.jsonl");
      assert.deepEqual(
        rows.map(({ id }) => id),
        IDS,
      );
      for (const { mood, stars, words } of rows) {
        assert.ok(mood === "good" || mood === "bad");
        assert.ok(Number.isInteger(stars) && Number(stars) >= 1 && Number(stars) <= 5);
        assert.ok(Array.isArray(words) && words.length === 1);
      }
    });

    void it("gives more choices for a row than the server has slots, in several requests", async () => {
      // Twenty rows would be a hundred requests.
      place.write("few.csv", REVIEWS_CSV.split("\n").slice(0, 4).join("\n"));
      const options = ["--output", "n.jsonl", "--n", "5", "--max-tokens", "2"];
      const { code, stderr } = await ask("text", "few.csv", ...options).finished;
      assert.equal(code, 0, stderr);
      assert.match(stderr, /several answers in one request/);
    });

    void it("fails the one row whose prompt is too long for a slot, and answers the others", async () => {
      place.write("long.csv", `${REVIEWS_CSV}20,"${LONG_REVIEW}"\n`);
      const options = ["--output", "long.jsonl", "--on-failure", "drop", ...SHORT];
      const { code, stderr } = await ask("text", "long.csv", ...options).finished;
      assert.equal(code, 3, stderr);
      assert.match(stderr, /CONTEXT_TOO_LONG/);
      assert.equal(place.rows("long.jsonl").length, 20);
    });

    void it("stops at once for a wrong key, and says so", async () => {
      place.write("key", "a-wrong-key");
      const options = [
        "--key-file",
        "key",
        "--output",
        "wrong.jsonl",
        "--journal",
        "wrong.journal",
        ...SHORT,
      ];
      const { code, stderr } = await ask("text", "reviews.csv", ...options).finished;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /API key/);
      assert.doesNotMatch(stderr, /a-wrong-key/);
    });

    void it("waits for a server that was killed in the middle, and answers every row once it is back", async () => {
      const { port } = server;
      const options = ["--journal", "killed.journal", "--output", "killed.jsonl", ...SHORT];
      const run = ask("text", "reviews.csv", ...options, "--concurrency", "2");
      await answers(place.path("killed.journal"), 3);
      await server.kill();
      server = await LlamaServer.start(packages, port);
      const { code, stderr } = await run.finished;
      assert.equal(code, 0, stderr);
      assert.deepEqual(
        place.rows("killed.jsonl").map(({ id }) => id),
        IDS,
      );
    });
  });

  void describe("a llama.cpp server, asked in code", () => {
    let server: LlamaServer;
    before(async () => {
      server = await LlamaServer.start(packages);
    });
    after(() => server.kill());
    const provider = (apiKey = LlamaServer.KEY) =>
      llamaCpp({ model: "smollm2", baseUrl: server.baseUrl, apiKey });

    void it("gives two choices a row by one request, and counts the tokens of both", async () => {
      const { rows, usage } = await generateText(REVIEWS, {
        provider: provider(),
        prompt: PROMPT,
        n: 2,
        maxTokens: 4,
      });
      assert.equal(new Set(rows.map(({ id }) => id)).size, 20);
      assert.equal(usage.requests, 20);
      // The server tells four for each row, which are those of its first choice.
      assert.ok(usage.outputTokens > 100, `${usage.outputTokens} tokens`);
    });

    void it("gives typed objects", async () => {
      const output = objectOf(MOOD_SCHEMA);
      const { rows } = await generateData(REVIEWS, {
        provider: provider(),
        prompt: PROMPT,
        output,
        maxTokens: 120,
      });
      assert.equal(rows.length, 20);
      for (const row of rows) assert.match(String(row["mood"]), /^(?:good|bad)$/);
    });

    void it("shortens a prompt that is too long for a slot until it fits", async () => {
      const rows = [...REVIEWS.slice(0, 3), { id: 20, review: LONG_REVIEW }];
      const result = await generateText(rows, {
        provider: provider(),
        prompt: PROMPT,
        maxTokens: 4,
        onContext: "truncate",
      });
      assert.equal(result.rows.length, 4);
      const cut = result.warnings.filter(({ code }) => code === "PROMPT_SHORTENED");
      assert.deepEqual(
        cut.map(({ index }) => index),
        [3],
      );
    });

    void it("rejects with AUTHENTICATION for a wrong key", async () => {
      const asked = generateText(REVIEWS, { provider: provider("a-wrong-key"), prompt: PROMPT });
      await assert.rejects(asked, (error) => isParrotError(error) && error.code === "AUTHENTICATION");
    });
  });
}

/** Waits until a journal has so many answers. */
async function answers(journal: string, wanted: number): Promise<void> {
  for (let count = 0; count < wanted; await sleep(50)) count = countAnswers(journal);
}

function countAnswers(journal: string): number {
  try {
    using database = new DatabaseSync(journal, { readOnly: true });
    return Number(database.prepare("SELECT count(*) AS count FROM answer").get()?.["count"]);
  } catch {
    // It is not there yet.
    return 0;
  }
}
