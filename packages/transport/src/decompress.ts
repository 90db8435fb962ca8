import { promisify } from "node:util";
import {
  brotliDecompress,
  gunzip,
  inflate,
  zstdDecompress,
  type BrotliOptions,
  type ZlibOptions,
  type ZstdOptions,
} from "node:zlib";

type Decompress = (data: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const gunzipped: Decompress = promisify<Buffer, ZlibOptions, Buffer>(gunzip);

const DECODERS: Readonly<Record<string, Decompress>> = {
  gzip: gunzipped,
  "x-gzip": gunzipped,
  deflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
  br: promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress),
  zstd: promisify<Buffer, ZstdOptions, Buffer>(zstdDecompress),
};

/**
 * Undoes a `content-encoding`. Stops at `maxBytes` of output, so a small body cannot become a huge one.
 *
 * @throws RangeError when the output would be larger than `maxBytes`; any other error means a broken body
 */
export async function decompress(data: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  let result = data;
  // Encodings are listed in the order in which they were applied (RFC 9110 §8.4).
  for (const name of encoding.toLowerCase().split(",").toReversed()) {
    const coding = name.trim();
    if (coding === "" || coding === "identity") continue;
    const decode = DECODERS[coding];
    if (decode === undefined) throw new TypeError(`Cannot decode the content-encoding "${coding}"`);
    try {
      result = await decode(result, { maxOutputLength: maxBytes });
    } catch (error) {
      if (error instanceof RangeError)
        throw new RangeError(`The response is larger than ${maxBytes} bytes`, { cause: error });
      throw error;
    }
  }
  return result;
}
