import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import pLimit from "p-limit";
import { promptOf, toLines, type JobTask } from "./job.ts";
import { openOutput } from "./open-output.ts";
import { readRows } from "./read-rows.ts";

/** The AI SDK's `generateText` and p-limit. */
export async function aiSdk({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  const model = createOpenAI({ apiKey: "bench-key", baseURL: baseUrl }).chat("bench");
  const limit = pLimit(concurrency);
  const file = openOutput(output);
  const rows = await readRows(input);
  await Promise.all(
    rows.map((row) =>
      limit(async () => {
        const { text } = await generateText({ model, prompt: promptOf(row) });
        file.write(toLines(row, text));
      }),
    ),
  );
  await file.end();
}
