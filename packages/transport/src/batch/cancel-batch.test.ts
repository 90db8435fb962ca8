import { ollama, openai, openrouter } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cancelBatch } from "./cancel-batch.ts";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.close());

describe("cancelBatch", () => {
  it("a batch that the key does not see is told with what is needed", async () => {
    const { baseUrl, apiKey } = simulator;
    const provider = openai({ model: "sim", baseUrl, apiKey });
    await expect(cancelBatch(provider, "batch_1")).rejects.toMatchObject({
      code: "BATCH_NOT_VISIBLE",
      message: expect.stringContaining("Cannot cancel the batch batch_1 at openai: "),
    });
  });

  it("a server that is not there is told as unreachable", async () => {
    const provider = openai({ model: "sim", baseUrl: "http://127.0.0.1:1/v1", apiKey: "key" });
    await expect(cancelBatch(provider, "batch_1")).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  it("a provider without batches, or that cannot cancel them, is refused before anything is sent", async () => {
    await expect(cancelBatch(ollama({ model: "sim" }), "batch_1")).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: "Cannot cancel the batch batch_1: the provider ollama has no batches",
    });
    await expect(cancelBatch(openrouter({ model: "a/b", apiKey: "key" }), "batch_1")).rejects.toMatchObject({
      message: expect.stringContaining("openrouter lets no batch be cancelled"),
    });
  });
});
