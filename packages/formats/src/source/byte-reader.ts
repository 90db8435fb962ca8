/** Pulls bytes. Nothing is opened before the first `read`. */
export interface ByteReader {
  /** The next bytes, or `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Gives everything back. A `read` in progress ends soon, with any result. */
  cancel(reason: unknown): Promise<void>;
}
