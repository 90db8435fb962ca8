/** The thread that writes: commits wait for the disk here, and the event loop of the others stays free. */
import { parentPort, workerData } from "node:worker_threads";
import { JournalWrites } from "./journal-writes.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

const writes = new JournalWrites(workerData as WriterData);

parentPort?.on("message", (request: WriteRequest) => {
  writes.carryOut(request, (reply: WriteReply) => {
    // A thread has no origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort?.postMessage(reply);
  });
});
