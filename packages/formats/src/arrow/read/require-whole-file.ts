import { open } from "node:fs/promises";
import { unreadable } from "../../source/file-reader.ts";
import { invalidInput, type InputName } from "../../source/input-name.ts";
import { MAGIC } from "../ipc/message-reader.ts";

/**
 * Looks whether a file that begins as one of Arrow also ends as one, so that it is known before its first row.
 *
 * @throws ParrotError `INVALID_INPUT` where it does not
 */
export async function requireWholeFile(path: string, name: InputName): Promise<void> {
  const handle = await open(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  try {
    const status = await handle.stat();
    // A pipe has no end yet, and its beginning could be read only once.
    if (!status.isFile() || status.size < MAGIC.length) return;
    const mark = async (at: number): Promise<string> =>
      (await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, at)).buffer.toString("latin1");
    if ((await mark(0)) !== MAGIC || (await mark(status.size - MAGIC.length)) === MAGIC) return;
  } finally {
    await handle.close();
  }
  throw invalidInput(name, {}, "it does not end as a file of Arrow does; is it cut off?");
}
