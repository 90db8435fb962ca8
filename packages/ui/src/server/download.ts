import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";

/** What a browser saves as a file. It is made as it is sent. */
export class Download {
  readonly name: string;
  readonly type: string;
  readonly #write: (into: WritableStream<Uint8Array>) => Promise<void>;

  /** @param write writes all of it, and closes the stream */
  constructor(name: string, type: string, write: (into: WritableStream<Uint8Array>) => Promise<void>) {
    this.name = name;
    this.type = type;
    this.#write = write;
  }

  /** Sends it as fast as it is taken. The first of it sends the headers: what is wrong before that can still be told. */
  async send(response: ServerResponse): Promise<void> {
    response.setHeader("content-type", this.type);
    response.setHeader("content-disposition", `attachment; filename="${this.name}"`);
    try {
      await this.#write(Writable.toWeb(response));
    } catch (error) {
      if (!response.headersSent) response.removeHeader("content-disposition");
      throw error;
    }
  }
}
