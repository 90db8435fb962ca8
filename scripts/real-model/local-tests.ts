import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, renameSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import {
  generateData,
  generateText,
  localLlama,
  objectOf,
  type Provider,
} from "../../packages/parallel-parrot/src/index.ts";
import { LONG_REVIEW, REVIEW_SCHEMA, REVIEWS, REVIEWS_CSV } from "./reviews.ts";
import { Workplace } from "./workplace.ts";

const PROMPT = "Say something short about: ${review}";
const FIND_LLAMA = pathToFileURL(join(import.meta.dirname, "find-llama.ts")).href;

/** What the tests of a model in the process need. */
export interface LocalModel {
  /** The folder with node-llama-cpp in its node_modules. */
  readonly llamaFolder: string;
  readonly modelFile: string;
}

/** Tests of a model in this process, and in that of the built program. */
export function testLocal({ llamaFolder, modelFile }: LocalModel): void {
  void describe("a model in the process, in code", () => {
    const provider = localLlama({ model: modelFile, sequences: 2, contextTokens: 512, threads: 1 });
    const short = { provider, prompt: PROMPT, maxTokens: 6, temperature: 0 };

    void it("answers 20 rows, and counts the tokens that it has used", async () => {
      const { rows, usage, cost } = await generateText(REVIEWS, short);
      assert.deepEqual(
        rows.map(({ id }) => id),
        REVIEWS.map(({ id }) => id),
      );
      assert.equal(cost, 0);
      assert.ok(usage.inputTokens > 20 * 10, `${usage.inputTokens} input tokens`);
      assert.ok(
        usage.outputTokens > 20 && usage.outputTokens <= 20 * 7,
        `${usage.outputTokens} output tokens`,
      );
      // All prompts begin in the same way, and a sequence keeps what it has read.
      assert.ok(usage.cachedInputTokens > 0);
    });

    void it("keeps to a schema in all 20 rows by a grammar", async () => {
      const output = objectOf(REVIEW_SCHEMA);
      const { rows, usage } = await generateData(REVIEWS, {
        provider,
        prompt: PROMPT,
        output,
        maxTokens: 150,
      });
      assert.equal(rows.length, 20);
      // None was asked again, as each answer was right at once.
      assert.equal(usage.requests, 20);
    });

    void it("gives the same answers with the same seed, and several choices by several requests", async () => {
      const few = REVIEWS.slice(0, 2);
      const ask = { provider, prompt: PROMPT, maxTokens: 6, temperature: 1 };
      const seeded = { ...ask, seed: 7 };
      const [one, other] = [await generateText(few, seeded), await generateText(few, seeded)];
      assert.deepEqual(one.rows, other.rows);
      const several = await generateText(few, { ...ask, n: 2 });
      assert.equal(several.usage.requests, 4);
    });

    void it("fails a prompt that is too long for its context, or shortens it where that is wanted", async () => {
      const rows = [...REVIEWS.slice(0, 1), { id: 20, review: LONG_REVIEW }];
      const failed = await generateText(rows, short);
      assert.deepEqual(
        failed.failures.map(({ failure }) => failure.code),
        ["CONTEXT_TOO_LONG"],
      );
      const shortened = await generateText(rows, { ...short, onContext: "truncate" });
      assert.equal(shortened.rows.length, 2);
    });

    void it("ends a request at once where the run is given up, and answers the next one", async () => {
      const reason = new Error("given up");
      const end = new AbortController();
      const given: Provider = {
        ...provider,
        async send(request, signal) {
          // It is given up when the model is at work.
          setImmediate(() => end.abort(reason));
          const response = await provider.send?.(request, signal);
          assert.ok(response);
          return response;
        },
      };
      const asked = generateText(REVIEWS.slice(0, 2), {
        ...short,
        provider: given,
        maxTokens: 400,
        signal: end.signal,
        prompt: "Count to a thousand for ${review}",
      });
      await assert.rejects(asked, reason);
      assert.equal((await generateText(REVIEWS.slice(0, 1), short)).rows.length, 1);
    });
  });

  void describe("a model in the process, by parrot", () => {
    const place = new Workplace({
      PARROT_LLAMA_FOLDER: llamaFolder,
      NODE_OPTIONS: `--import ${FIND_LLAMA}`,
      LLAMA_ARG_THREADS: "1",
      LLAMA_ARG_N_PARALLEL: "2",
      LLAMA_ARG_CTX_SIZE: "1024",
    });
    const rest = ["--prompt", PROMPT, "--max-tokens", "6", "--temperature", "0"];
    before(() => {
      place.write("reviews.csv", REVIEWS_CSV);
      copyFileSync(modelFile, place.path("tiny.gguf"));
    });
    after(() => place[Symbol.dispose]());

    void it("answers 20 rows, and finds all answers again where the file was moved", async () => {
      const ask = ["text", "reviews.csv", ...rest, "--model"];
      const first = await place.run(...ask, "local/tiny.gguf", "--output", "first.jsonl");
      assert.equal(first.code, 0, first.stderr);
      assert.equal(place.rows("first.jsonl").length, 20);
      assert.match(first.stderr, /20 requests, \d+ input tokens.*\$0\.00/);
      mkdirSync(place.path("models"));
      renameSync(place.path("tiny.gguf"), place.path("models/tiny.gguf"));
      const again = await place.run(...ask, "local/models/tiny.gguf", "--output", "again.jsonl");
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stderr, /20 found in the journal/);
      assert.deepEqual(place.rows("again.jsonl"), place.rows("first.jsonl"));
    });

    void it("stops for a file that is only half a model, and says so", async () => {
      copyFileSync(modelFile, place.path("broken.gguf"));
      truncateSync(place.path("broken.gguf"), 50_000_000);
      const { code, stderr } = await place.run(
        "text",
        "reviews.csv",
        ...rest,
        "--model",
        "local/broken.gguf",
        "--output",
        "o.jsonl",
      );
      assert.equal(code, 2, stderr);
      assert.match(stderr, /cannot load .*broken\.gguf/);
    });
  });
}
