import { setImmediate as afterIo } from "node:timers/promises";
import { asError } from "@parallel-parrot/core";
import type { OpenRun } from "../run-source.ts";
import type { Reading } from "../wire.ts";
import { RowIndex } from "./row-index.ts";

/** The rows of a run as far as they are read, which goes on while they are shown. */
export class IndexedRun {
  readonly index: RowIndex = new RowIndex();
  /** Resolves when all rows are read, or cannot be. */
  readonly done: Promise<void>;
  /** Milliseconds that reading them took; `undefined` until it is done. */
  tookMs: number | undefined;
  #open: OpenRun | undefined;
  #problem: string | undefined;
  #isClosed = false;
  #holders = 0;

  readonly #version: number;

  /** @param open begins to read it; rejects where that cannot be */
  constructor(version: number, open: () => Promise<OpenRun>) {
    this.#version = version;
    this.done = this.#read(open);
  }

  get reading(): Reading {
    const rows = this.index.count;
    const version = this.#version;
    if (this.#problem !== undefined) return { state: "refused", rows, version, problem: this.#problem };
    if (this.tookMs === undefined) return { state: "reading", rows, version };
    const note = this.#open?.note;
    return { state: "read", rows, version, ...(note === undefined ? {} : { note }) };
  }

  /** The run itself, for what only an opened row needs; `undefined` where it could not be opened. */
  get opened(): OpenRun | undefined {
    return this.#open;
  }

  /** Keeps the rows at hand until it is disposed of, also when the run is closed meanwhile. */
  hold(): Disposable {
    this.#holders += 1;
    return {
      [Symbol.dispose]: () => {
        this.#holders -= 1;
        if (this.#isClosed) this.#release();
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
  }

  #release(): void {
    if (this.#holders > 0) return;
    this.#open?.close();
    this.index.close();
  }

  async #read(open: () => Promise<OpenRun>): Promise<void> {
    const start = performance.now();
    try {
      this.#open = await open();
      for await (const rows of this.#open.rows()) {
        if (this.#isClosed) return;
        this.index.add(rows, this.#open.modelColumn);
        // Requests of the page come between two packets.
        await afterIo();
        if (this.#isClosed) return;
      }
    } catch (error) {
      this.#problem = asError(error).message;
    } finally {
      this.tookMs = performance.now() - start;
    }
  }
}
