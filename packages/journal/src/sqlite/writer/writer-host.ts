import { existsSync } from "node:fs";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { JournalWrites } from "./journal-writes.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

/** Where a journal is written: in a thread of its own, or where a bundle has left out its file, in this one. */
export interface WriterHost {
  /** One request at a time; the reply comes later. */
  post(request: WriteRequest): void;
  /** Ends it, with nothing in progress. */
  end(): Promise<void>;
}

/** What a host reports. */
export interface HostEvents {
  readonly onReply: (reply: WriteReply) => void;
  /** The host has ended without being asked to. */
  readonly onLost: (error: unknown) => void;
}

/** Starts the host of one journal's writing. */
export function startWriterHost(data: WriterData, events: HostEvents): WriterHost {
  const file = threadFile();
  if (file !== undefined) return new ThreadHost(file, data, events);
  tellOnce();
  return new OwnThreadHost(data, events);
}

/** The file of the writing thread, beside this one; `undefined` in a bundle, which has this file and not that one. */
function threadFile(): URL | undefined {
  // In a CommonJS bundle there is no `import.meta.url`.
  const url: string | undefined = import.meta.url;
  if (url === undefined || !URL.canParse(url)) return undefined;
  // The sources, too, may run as they are: then it is a .ts file.
  const file = new URL(url);
  file.pathname = file.pathname.replace(/(?<![^/])[^/]*$/, `writer-thread${extname(file.pathname)}`);
  return file.protocol === "file:" && existsSync(file) ? file : undefined;
}

let isTold = false;

function tellOnce(): void {
  if (isTold) return;
  isTold = true;
  process.emitWarning(
    "The journal is written in the main thread, as the file of its own thread is not in this bundle: the event loop waits for the " +
      "disk at each commit. Leave parallel-parrot out of the bundle to have the thread: external: " +
      '["parallel-parrot"] in esbuild, serverExternalPackages: ["parallel-parrot"] in Next.js',
    "ParrotWarning",
  );
}

class ThreadHost implements WriterHost {
  readonly #thread: Worker;

  constructor(file: URL, data: WriterData, { onReply, onLost }: HostEvents) {
    this.#thread = new Worker(file, { workerData: data, stdout: false });
    this.#thread.unref();
    this.#thread.on("message", (reply: WriteReply) => {
      this.#thread.unref();
      onReply(reply);
    });
    this.#thread.on("error", onLost);
    this.#thread.on("exit", () => onLost(new Error("its writing thread has ended")));
  }

  post(request: WriteRequest): void {
    // The process lives as long as something has to be written.
    this.#thread.ref();
    // Messages to a thread have no target origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#thread.postMessage(request);
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }
}

class OwnThreadHost implements WriterHost {
  readonly #writes: JournalWrites;
  readonly #onReply: HostEvents["onReply"];

  constructor(data: WriterData, { onReply }: HostEvents) {
    this.#writes = new JournalWrites(data);
    this.#onReply = onReply;
  }

  post(request: WriteRequest): void {
    setImmediate(() => this.#writes.carryOut(request, this.#onReply));
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}
