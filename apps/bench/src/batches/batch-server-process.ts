/**
 * A server of OpenAI's files and batches in a process of its own, which keeps nothing in memory: an upload becomes a file
 * of results while it comes in, and all jobs end when the last one is made, so that nothing else goes on while their
 * results are read. It tells what the reading of results took.
 */
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { json } from "node:stream/consumers";
import { ANSWER_BODY } from "../answer.ts";

/** What the server saw. */
export interface BatchStats {
  /** All requests. */
  requests: number;
  jobs: number;
  /** Results that were read into the journal, and how long that took: until the file of a job is deleted, which follows. */
  lines: number;
  harvestMs: number;
}

const { folder, requests: expected }: { readonly folder: string; readonly requests: number } = JSON.parse(
  process.argv[2] ?? "{}",
);
const stats: BatchStats = { requests: 0, jobs: 0, lines: 0, harvestMs: 0 };
const linesOf = new Map<string, number>();
/** Files whose results are being read, and since when there are any. */
const reading = new Set<string>();
let readSince = 0;
const KEY = /^\{"custom_id":"([\w-]+)"/;

const server = createServer((request, response) => {
  stats.requests += 1;
  answer(request, response).catch((error: unknown) =>
    response.destroy(error instanceof Error ? error : undefined),
  );
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
process.on("message", () => process.send?.(stats));
process.on("disconnect", () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = "" } = request;
  const [, , what = "", id = "", part] = url.split("/");
  if (what === "chat") {
    request.resume();
    response.setHeader("content-type", "application/json").end(ANSWER_BODY);
  } else if (what === "files" && method === "POST") say(response, { id: await store(request) });
  else if (what === "files" && part === "content") await give(id, response);
  else if (what === "files") {
    rmSync(join(folder, id), { force: true });
    endReading(id);
    say(response, { id, deleted: true });
  } else if (method === "POST") {
    const { input_file_id: file } = (await json(request)) as { readonly input_file_id: string };
    stats.jobs += 1;
    say(response, jobOf(file, "validating"));
  } else say(response, jobOf(id.replace("batch-", ""), areAllMade() ? "completed" : "in_progress"));
}

/** Writes the results of an upload, a line for each request. Returns the id of the file. */
async function store(request: IncomingMessage): Promise<string> {
  const id = `file-${linesOf.size}`;
  linesOf.set(id, 0);
  const results = createWriteStream(join(folder, id));
  let count = 0;
  await pipeline(async function* () {
    for await (const line of createInterface({ input: request })) {
      const key = KEY.exec(line)?.[1];
      if (key === undefined) continue;
      count += 1;
      yield `{"id":"r","custom_id":"${key}","response":{"status_code":200,"request_id":"r","body":${ANSWER_BODY}},"error":null}\n`;
    }
  }, results);
  linesOf.set(id, count);
  return id;
}

async function give(id: string, response: ServerResponse): Promise<void> {
  if (reading.size === 0) readSince = performance.now();
  reading.add(id);
  await pipeline(createReadStream(join(folder, id)), response);
}

function endReading(id: string): void {
  if (!reading.delete(id)) return;
  stats.lines += linesOf.get(id) ?? 0;
  if (reading.size === 0) stats.harvestMs += performance.now() - readSince;
}

function areAllMade(): boolean {
  const lines = Array.from(linesOf.values()).reduce((sum, count) => sum + count, 0);
  return lines >= expected && stats.jobs === linesOf.size;
}

function jobOf(file: string, status: string): object {
  const total = linesOf.get(file) ?? 0;
  const isOver = status === "completed";
  return {
    id: `batch-${file}`,
    object: "batch",
    status,
    input_file_id: file,
    created_at: Math.floor(Date.now() / 1000),
    request_counts: { total, completed: isOver ? total : 0, failed: 0 },
    ...(isOver ? { output_file_id: file } : {}),
  };
}

function say(response: ServerResponse, body: object): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}
