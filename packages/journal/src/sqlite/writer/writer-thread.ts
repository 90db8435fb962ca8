/** The thread that writes: commits wait for the disk here, so that no other event loop has to. */
import { parentPort, workerData } from "node:worker_threads";
import { JournalWrites } from "./journal-writes.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

const writes = new JournalWrites(workerData as WriterData);

parentPort?.on("message", (request: WriteRequest) => {
  writes.carryOut(request, (reply: WriteReply) => {
    // Messages to a thread have no target origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort?.postMessage(reply);
  });
});
