import pMap from "p-map";
import { Agent, request } from "undici";
import { promptOf, toLines, type JobTask } from "./job.ts";
import { openOutput } from "./open-output.ts";
import { readRows } from "./read-rows.ts";

let agent: Agent | undefined;

/** The bare loop with a library for the concurrency: `undici.request`, `JSON.parse`, p-map. */
export async function requestPMap({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  agent ??= new Agent({ connections: concurrency });
  const dispatcher = agent;
  const file = openOutput(output);
  await pMap(
    await readRows(input),
    async (row) => {
      const { body } = await request(`${baseUrl}/chat/completions`, {
        dispatcher,
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer bench-key" },
        body: JSON.stringify({ model: "bench", messages: [{ role: "user", content: promptOf(row) }] }),
      });
      const completion = JSON.parse(await body.text());
      file.write(toLines(row, completion.choices[0].message.content));
    },
    { concurrency },
  );
  await file.end();
}
