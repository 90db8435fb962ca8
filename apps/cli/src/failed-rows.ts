import { rm } from "node:fs/promises";
import type { Failed, Row } from "@parallel-parrot/core";
import { openSink } from "@parallel-parrot/formats";

/** Where failed rows are kept; the file exists once there is one. */
export interface FailedRows {
  /** Writes one; resolves when the file takes more. */
  add(failed: Failed): Promise<void>;
  /** Finishes the file; rejects where a row could not be written. */
  close(): Promise<void>;
  readonly path: string | undefined;
  readonly count: number;
  /** The first few, to show. */
  readonly first: readonly Failed[];
}

const MAX_SHOWN = 3;

/** Writes failed rows as JSONL to `path`, replacing what is there; only counts them where there is none. */
export function failedRows(path: string | undefined): FailedRows {
  const first: Failed[] = [];
  let count = 0;
  let opening: Promise<WritableStreamDefaultWriter<Row>> | undefined;
  let writing: Promise<void> = Promise.resolve();
  async function write(file: string, row: Row): Promise<void> {
    opening ??= openSink(file, { format: "jsonl", overwrite: true }).then((sink) => sink.getWriter());
    await (await opening).write(row);
  }
  return {
    path,
    first,
    get count() {
      return count;
    },
    add(failed) {
      count += 1;
      if (first.length < MAX_SHOWN) first.push(failed);
      if (path !== undefined)
        writing = Promise.all([writing, write(path, toRow(failed))]).then(() => undefined);
      // Whoever does not wait is told by close().
      writing.catch(() => undefined);
      return writing;
    },
    async close() {
      await writing;
      if (opening !== undefined) await (await opening).close();
      // One of an earlier run would be taken for this one's.
      else if (path !== undefined) await rm(path, { force: true });
    },
  };
}

function toRow({ index, row, failure }: Failed): Row {
  const { code, stage, message, attempts, answer } = failure;
  return {
    row: index,
    code,
    stage,
    message,
    attempts,
    ...(answer === undefined ? {} : { answer }),
    input: row,
  };
}
