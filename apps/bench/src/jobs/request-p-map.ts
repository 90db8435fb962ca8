import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import pMap from "p-map";
import { Agent, request } from "undici";
import { promptOf, toLines, type InputRow, type JobTask } from "./job.ts";

let agent: Agent | undefined;

/** The loop one writes by hand with a library for the concurrency: `undici.request`, `JSON.parse`, p-map. */
export async function requestPMap({ input, output, baseUrl, concurrency }: JobTask): Promise<void> {
  agent ??= new Agent({ connections: concurrency });
  const dispatcher = agent;
  const file = createWriteStream(output);
  const lines = (await readFile(input, "utf8")).trimEnd().split("\n");
  await pMap(
    lines,
    async (line) => {
      const row: InputRow = JSON.parse(line);
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
  file.end();
  await once(file, "finish");
}
