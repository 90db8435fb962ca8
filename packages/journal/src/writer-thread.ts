/** The thread that writes: commits wait for the disk here, and the event loop of the others stays free. */
import { parentPort, workerData } from "node:worker_threads";
import { JournalTables } from "./journal-tables.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

const { path } = workerData as WriterData;
let tables: JournalTables | undefined;

function perform(request: WriteRequest): WriteReply {
  tables ??= new JournalTables(path);
  const { kind } = request;
  if (kind === "begin") return { ok: true, begun: tables.begin(request.identity, request.manifest) };
  if (kind === "append") tables.append(request.answers, request.settled);
  else if (kind === "end") tables.end(request);
  else {
    tables.close();
    tables = undefined;
  }
  return { ok: true };
}

parentPort?.on("message", (request: WriteRequest) => {
  let reply: WriteReply;
  try {
    reply = perform(request);
  } catch (error) {
    reply = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(reply);
});
