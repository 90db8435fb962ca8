import { terminalText } from "@parallel-parrot/core";
import { unwritable } from "./output-errors.ts";
import { codeOf } from "../system-error.ts";

/** Takes bytes, one write at a time. */
export interface ByteOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when every byte has arrived. */
  close(): Promise<void>;
  /** Gives everything back; what was written does not count. */
  abort(reason: unknown): Promise<void>;
}

/**
 * Standard output, which is never ended. Where its reader is gone, the error is the system's, `EPIPE`. A terminal
 * gets no control characters from cells; each write must then be whole characters.
 */
export function stdoutOutput(): ByteOutput {
  const { stdout } = process;
  const decoder = new TextDecoder();
  if (!stdout.listeners("error").includes(ignoreError)) stdout.on("error", ignoreError);
  return {
    async write(bytes) {
      await new Promise<void>((resolve, reject) => {
        const shown = stdout.isTTY ? terminalText(decoder.decode(bytes)) : bytes;
        stdout.write(shown, (error) => {
          if (error) reject(codeOf(error) === "EPIPE" ? error : unwritable("standard output", error));
          else resolve();
        });
      });
    },
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
}

/** An error reaches the writer by the callback; without a listener its event would end the process as well. */
function ignoreError(): void {}

/** A stream's end as an output. */
export function streamOutput(stream: WritableStream<Uint8Array>): ByteOutput {
  const writer = stream.getWriter();
  writer.closed.catch(ignoreError);
  return {
    async write(bytes) {
      await writer.ready;
      await writer.write(bytes);
    },
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  };
}
