import { OpenAI } from "openai";
import pMap from "p-map";
import { promptOf, toLines, type JobTask } from "./job.ts";
import { openOutput } from "./open-output.ts";
import { readRows } from "./read-rows.ts";

/** The openai SDK and p-map. */
export async function openaiSdk({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  const client = new OpenAI({ apiKey: "bench-key", baseURL: baseUrl });
  const file = openOutput(output);
  await pMap(
    await readRows(input),
    async (row) => {
      const completion = await client.chat.completions.create({
        model: "bench",
        messages: [{ role: "user", content: promptOf(row) }],
      });
      file.write(toLines(row, completion.choices[0]?.message.content ?? ""));
    },
    { concurrency },
  );
  await file.end();
}
