import pLimit from "p-limit";
import { promptOf, toLines, type JobTask } from "./job.ts";
import { openOutput } from "./open-output.ts";
import { readRows } from "./read-rows.ts";

/** Node's own `fetch` and p-limit. */
export async function fetchPLimit({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  const limit = pLimit(concurrency);
  const file = openOutput(output);
  const rows = await readRows(input);
  await Promise.all(
    rows.map((row) =>
      limit(async () => {
        const response = await fetch(`${baseUrl}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: "Bearer bench-key" },
          body: JSON.stringify({ model: "bench", messages: [{ role: "user", content: promptOf(row) }] }),
        });
        const completion = JSON.parse(await response.text());
        file.write(toLines(row, completion.choices[0].message.content));
      }),
    ),
  );
  await file.end();
}
