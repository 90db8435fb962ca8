import type { ColumnTypes } from "../columns/column-type.ts";
import type { RowReader } from "./row-source.ts";

/** A reader whose code is loaded by the first read. */
export class LazyReader implements RowReader {
  readonly #load: () => Promise<RowReader>;
  #loading: Promise<RowReader> | undefined;

  constructor(load: () => Promise<RowReader>) {
    this.#load = load;
  }

  async read(): ReturnType<RowReader["read"]> {
    return (await this.#reader()).read();
  }

  async columns(): ReturnType<RowReader["columns"]> {
    return (await this.#reader()).columns();
  }

  async columnTypes(): Promise<ColumnTypes | undefined> {
    return (await this.#reader()).columnTypes();
  }

  async cancel(reason: unknown): Promise<void> {
    const reader = await this.#loading?.catch(() => undefined);
    await reader?.cancel(reason);
  }

  #reader(): Promise<RowReader> {
    this.#loading ??= this.#load();
    return this.#loading;
  }
}
