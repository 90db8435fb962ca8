import { open } from "node:fs/promises";
import { promptOf, toLines, type InputRow, type JobTask } from "./job.ts";
import { PlainConnection } from "./plain-connection.ts";
import { readLines } from "./read-lines.ts";

/** Connections to the server of the slice before. */
const idle: PlainConnection[] = [];

/**
 * What Node.js itself costs: sockets, and just as much HTTP/1.1 as the bench's servers speak. Output is put together
 * once per turn of the event loop. Nothing is checked.
 */
export async function socketLoop({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  const url = new URL(`${baseUrl}/chat/completions`);
  const lines = readLines(input);
  const done = Promise.withResolvers<void>();
  await using file = await open(output, "w");
  let inFlight = 0;
  let pending = "";
  let isFlushSet = false;
  let written: Promise<unknown> = Promise.resolve();

  function flush(): void {
    isFlushSet = false;
    const text = pending;
    pending = "";
    if (text !== "") written = written.then(() => file.appendFile(text));
  }

  function next(): void {
    const line = lines.next();
    if (line.done === true) {
      if (inFlight === 0) done.resolve();
      return;
    }
    const row: InputRow = JSON.parse(line.value);
    const body = JSON.stringify({ model: "bench", messages: [{ role: "user", content: promptOf(row) }] });
    const connection = idle.pop() ?? new PlainConnection(url, done.reject);
    inFlight += 1;
    connection.ask(body, (answer) => {
      idle.push(connection);
      pending += toLines(row, JSON.parse(answer).choices[0].message.content);
      if (!isFlushSet) {
        isFlushSet = true;
        setImmediate(flush);
      }
      inFlight -= 1;
      next();
    });
  }

  for (let count = 0; count < concurrency; count++) next();
  await done.promise;
  flush();
  await written;
}
