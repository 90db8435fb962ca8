/**
 * Tells of each text that is written to a stream, before it is. The returned function ends that.
 *
 * @param tell gets the text; bytes as UTF-8
 */
export function beforeWrites(stream: NodeJS.WriteStream, tell: (text: string) => void): () => void {
  const write = stream.write.bind(stream);
  type Written = (error?: Error | null) => void;
  stream.write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Written,
    written?: Written,
  ): boolean => {
    tell(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    return typeof encoding === "string" ? write(chunk, encoding, written) : write(chunk, encoding ?? written);
  };
  return () => {
    Reflect.deleteProperty(stream, "write");
  };
}
