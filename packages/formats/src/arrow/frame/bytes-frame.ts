import { isParrotError, messageOf, ParrotError } from "@parallel-parrot/core";
import type { ArrowBatch } from "../ipc/arrow-array.ts";
import type { ArrowField, ArrowSchema } from "../ipc/arrow-field.ts";
import { CutOff, MAGIC, NotArrow, type ArrowMessages } from "../ipc/arrow-message.ts";
import { BatchReader } from "../ipc/batch-reader.ts";
import { FileMessages } from "../ipc/file-messages.ts";
import { StreamMessages } from "../ipc/stream-messages.ts";
import { writeTable } from "../ipc/write-table.ts";
import { rowsOf, type ArrowFrame } from "./arrow-frame.ts";
import { FrameParts } from "./frame-parts.ts";

/** The bytes of a file or stream of Arrow as a frame. What is made of it are bytes of the same form. */
export async function bytesFrame(bytes: Uint8Array): Promise<ArrowFrame> {
  const form = Buffer.from(bytes.subarray(0, MAGIC.length)).toString("latin1") === MAGIC ? "file" : "stream";
  const { schema, batches } = await read(form === "file" ? fileOf(bytes) : streamOf(bytes));
  const { fields, metadata } = schema;
  return {
    columns: fields.map(({ name }) => name),
    batches: batches.map(({ length }) => length),
    *rowsOf(place) {
      const batch = batches[place];
      if (batch !== undefined) yield* rowsOf(fields, batch);
    },
    build: (columns) =>
      new FrameParts(fields, batches, columns, async (parts) => {
        const made = parts.columns.flatMap((column): (ArrowField | undefined)[] =>
          "field" in column ? [column.field] : [fields[column.place]],
        );
        const schemaMade = {
          fields: made.filter((field) => field !== undefined),
          metadata: withoutPandas(metadata),
        };
        return writeTable(schemaMade, parts.batches(), form);
      }),
  };
}

/** What pandas says of columns and their places is not true of the columns that are added. */
function withoutPandas(metadata: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...metadata].filter(([key]) => key !== "pandas"));
}

function fileOf(bytes: Uint8Array): ArrowMessages {
  return new FileMessages({
    size: bytes.length,
    // In memory of their own, where numbers of any size may begin.
    read: async (start, length) => bytes.slice(start, start + length),
  });
}

function streamOf(bytes: Uint8Array): ArrowMessages {
  let rest: Uint8Array | undefined = bytes;
  return new StreamMessages({
    async read() {
      const chunk = rest;
      rest = undefined;
      return chunk?.length === 0 ? undefined : chunk;
    },
    cancel: async () => undefined,
  });
}

async function read(
  messages: ArrowMessages,
): Promise<{ readonly schema: ArrowSchema; readonly batches: readonly ArrowBatch[] }> {
  try {
    const schema = await messages.schema();
    if (schema === undefined) throw new NotArrow();
    const reader = new BatchReader(schema, messages);
    const batches: ArrowBatch[] = [];
    for (let batch = await reader.next(); batch !== undefined; batch = await reader.next())
      batches.push(batch);
    return { schema, batches };
  } catch (cause) {
    if (isParrotError(cause)) throw cause;
    const why =
      cause instanceof NotArrow
        ? "the bytes are neither a file nor a stream of Arrow"
        : cause instanceof CutOff
          ? "the bytes of Arrow are cut off"
          : `the bytes of Arrow are damaged (${messageOf(cause)})`;
    throw new ParrotError("INVALID_OPTION", `Cannot read the rows: ${why}`, { option: "rows", cause });
  }
}
