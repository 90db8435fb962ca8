import { ChatOpenAI } from "@langchain/openai";
import { promptOf, toLines, type JobTask } from "./job.ts";
import { openOutput } from "./open-output.ts";
import { readRows } from "./read-rows.ts";

/** LangChain.js: `batch` with its own concurrency. */
export async function langchain({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  const model = new ChatOpenAI({ model: "bench", apiKey: "bench-key", configuration: { baseURL: baseUrl } });
  const rows = await readRows(input);
  const answers = await model.batch(rows.map(promptOf), { maxConcurrency: concurrency });
  const file = openOutput(output);
  for (const [position, row] of rows.entries()) {
    const content = answers[position]?.content;
    file.write(toLines(row, typeof content === "string" ? content : ""));
  }
  await file.end();
}
