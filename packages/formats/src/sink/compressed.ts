import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import type { ByteOutput } from "./byte-output.ts";
import type { OutputCompression } from "../compression.ts";

/** An output whose compressed bytes go to another. */
export function compressed(output: ByteOutput, compression: OutputCompression): ByteOutput {
  if (compression === "none") return output;
  const stream = compression === "gzip" ? zlib.createGzip() : zlib.createZstdCompress();
  const done = pipeline(stream, async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) await output.write(chunk);
  });
  // Whoever writes or closes is told.
  done.catch(() => undefined);
  return {
    async write(bytes) {
      const error = await new Promise((resolve) => {
        stream.write(bytes, resolve);
      });
      // The output's own error, not that of the stream it destroyed.
      if (error) await done;
    },
    async close() {
      stream.end();
      await done;
      await output.close();
    },
    async abort(reason) {
      stream.destroy();
      await done.catch(() => undefined);
      await output.abort(reason);
    },
  };
}
