import { open } from "node:fs/promises";
import { unreadable } from "../../source/file-reader.ts";
import { inputDigester, type InputDigest } from "../../source/input-digest.ts";
import type { InputName } from "../../source/input-name.ts";
import { isAddress } from "../../source/remote/remote-address.ts";
import { RandomAccessFile } from "../../source/random-access-file.ts";
import { pathOf, readInput, type Input } from "../../source/read-input.ts";
import { MAGIC, type ArrowMessages } from "../ipc/arrow-message.ts";
import { FileMessages } from "../ipc/file-messages.ts";
import { StreamMessages } from "../ipc/stream-messages.ts";

/** An input whose messages are read. */
export interface OpenedArrow {
  readonly messages: ArrowMessages;
  /** To be called when all were read. Throws where the input was changed since it was opened. */
  finish(): Promise<void>;
  close(reason: unknown): Promise<void>;
}

/** Opens an input: a file that has a footer is read by that, anything else from its beginning. */
export async function openArrow(
  input: Input,
  name: InputName,
  onDigest: ((digest: InputDigest) => void) | undefined,
): Promise<OpenedArrow> {
  const path = pathOf(input);
  if (path !== undefined && path !== "-" && (await hasFooter(path, name))) {
    const file = await RandomAccessFile.open(path, name, "Arrow");
    return {
      messages: new FileMessages(file),
      async finish() {
        const digest = onDigest === undefined ? undefined : await file.digest();
        await file.requireUnchanged();
        if (digest !== undefined) onDigest?.(digest);
      },
      close: () => file.close(),
    };
  }
  const digester = onDigest === undefined ? undefined : inputDigester();
  const bytes = readInput(input, "none", digester);
  return {
    messages: new StreamMessages(bytes),
    async finish() {
      if (digester !== undefined) onDigest?.(digester.digest());
    },
    close: (reason) => bytes.cancel(reason),
  };
}

async function isMagicOf(address: string, name: InputName): Promise<boolean> {
  const file = await RandomAccessFile.open(address, name, "Arrow");
  try {
    const bytes = await file.read(0, Math.min(MAGIC.length, file.size));
    return Buffer.from(bytes).toString("latin1") === MAGIC;
  } finally {
    await file.close();
  }
}

/** Whether a path is a file that begins as those with a footer do. The beginning of a pipe could be read only once. */
async function hasFooter(path: string, name: InputName): Promise<boolean> {
  if (isAddress(path)) return isMagicOf(path, name);
  const handle = await open(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  try {
    if (!(await handle.stat()).isFile()) return false;
    const { buffer } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString("latin1") === MAGIC;
  } finally {
    await handle.close();
  }
}
