/** The thread that writes: commits wait for the disk here, and the event loop of the others stays free. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "./journal-error.ts";
import { JournalTables } from "./journal-tables.ts";
import { Reserve } from "./reserve.ts";
import { isFull } from "./sqlite.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

const { path } = workerData as WriterData;
const reserve = new Reserve(path);
let tables: JournalTables | undefined;

function perform(request: WriteRequest): WriteReply {
  tables ??= new JournalTables(path);
  const { kind } = request;
  if (kind === "begin") {
    const begun = tables.begin(request.identity, request.manifest);
    reserve.renew();
    return { ok: true, begun };
  }
  if (kind === "append") tables.append(request);
  else if (kind === "note") {
    tables.note(request);
    if (request.state !== "running") reserve.release();
  } else {
    tables.close();
    tables = undefined;
    reserve.release();
  }
  return { ok: true };
}

/** Where the disk is full, what is in flight goes where the reserve was. */
function performInReserve(request: WriteRequest): WriteReply {
  try {
    return perform(request);
  } catch (error) {
    if (!isFull(error) || !reserve.release()) throw error;
    perform(request);
    return { ok: true, isLast: messageOf(error) };
  }
}

parentPort?.on("message", (request: WriteRequest) => {
  let reply: WriteReply;
  try {
    reply = performInReserve(request);
  } catch (error) {
    reply = { ok: false, message: messageOf(error) };
  }
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(reply);
  if (reply.ok && request.kind === "append") reserve.hold();
});
