import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Agent, request } from "undici";
import { promptOf, toLines, type InputRow, type JobTask } from "./job.ts";
import { openOutput } from "./open-output.ts";

let agent: Agent | undefined;

/** The loop one writes by hand: `undici.request`, `JSON.parse`, and as many workers as requests in flight. */
export async function requestLoop({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  agent ??= new Agent({ connections: concurrency });
  const dispatcher = agent;
  const file = openOutput(output);
  const lines = createInterface({ input: createReadStream(input), crlfDelay: Infinity })[
    Symbol.asyncIterator
  ]();

  async function work(): Promise<void> {
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      const row: InputRow = JSON.parse(next.value);
      const { body } = await request(`${baseUrl}/chat/completions`, {
        dispatcher,
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer bench-key" },
        body: JSON.stringify({ model: "bench", messages: [{ role: "user", content: promptOf(row) }] }),
      });
      const completion = JSON.parse(await body.text());
      file.write(toLines(row, completion.choices[0].message.content));
    }
  }

  await Promise.all(Array.from({ length: concurrency }, work));
  await file.end();
}
