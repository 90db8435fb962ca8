import type { ByteOutput } from "./byte-output.ts";

/** Characters gathered before they are written: a row is not a system call. */
const BATCH_CHARACTERS = 64 * 1024;

/** Gathers pieces of text into large writes. */
export interface TextOutput {
  /** Returns a promise when the caller should wait. */
  write(text: string): Promise<void> | undefined;
  /** Writes what is gathered. */
  flush(): Promise<void>;
}

export function textOutput(output: ByteOutput): TextOutput {
  let gathered = "";
  let writing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (writing !== undefined) await writing;
    if (gathered === "") return;
    const bytes = Buffer.from(gathered);
    gathered = "";
    writing = output.write(bytes).finally(() => {
      writing = undefined;
    });
    await writing;
  }

  return {
    write(text) {
      gathered += text;
      return gathered.length >= BATCH_CHARACTERS ? flush() : undefined;
    },
    flush,
  };
}
