/**
 * How often a buffer may be read over. Writers put a part of it in several places at most where that is a short text; a
 * table that is in itself twice, sixty levels deep, would have no end.
 */
const MAX_READINGS = 8;
/** The least of a buffer that is read to follow an offset, to a table that says nothing too. */
const OFFSET_BYTES = 4;

/** Reads a table of a flatbuffer. Fields are asked for by their place in the schema. Throws where it is damaged. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #allowance: { bytes: number };

  private constructor(view: DataView, at: number, allowance: { bytes: number }) {
    this.#view = view;
    this.#at = at;
    this.#allowance = allowance;
  }

  /** The table that a buffer is. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true), { bytes: MAX_READINGS * bytes.byteLength });
  }

  byte(field: number, otherwise = 0): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#view.getUint8(at);
  }

  short(field: number, otherwise = 0): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#view.getInt16(at, true);
  }

  int(field: number, otherwise = 0): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#view.getInt32(at, true);
  }

  long(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : Number(this.#view.getBigInt64(at, true));
  }

  text(field: number): string | undefined {
    const vector = this.#vector(field);
    if (vector === undefined) return undefined;
    const { buffer, byteOffset, byteLength } = this.#view;
    if (vector.at + vector.count > byteLength) throw new RangeError("a text is cut off");
    this.#spend(vector.count);
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + vector.at, vector.count));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : this.#tableAt(at);
  }

  tables(field: number): FlatTable[] {
    const { at, count } = this.#vector(field) ?? { at: 0, count: 0 };
    const tables: FlatTable[] = [];
    for (let place = 0; place < count; place += 1) tables.push(this.#tableAt(at + 4 * place));
    return tables;
  }

  /** The integers of 64 bits of a vector of them, or of structs that are made of so many of them. */
  longs(field: number, perItem = 1): number[] {
    const { at, count } = this.#vector(field) ?? { at: 0, count: 0 };
    this.#spend(8 * count * perItem);
    const longs: number[] = [];
    for (let place = 0; place < count * perItem; place += 1)
      longs.push(Number(this.#view.getBigInt64(at + 8 * place, true)));
    return longs;
  }

  ints(field: number): number[] {
    const { at, count } = this.#vector(field) ?? { at: 0, count: 0 };
    this.#spend(4 * count);
    const ints: number[] = [];
    for (let place = 0; place < count; place += 1) ints.push(this.#view.getInt32(at + 4 * place, true));
    return ints;
  }

  #vector(field: number): { readonly at: number; readonly count: number } | undefined {
    const at = this.#find(field);
    if (at === undefined) return undefined;
    const start = this.#follow(at);
    return { at: start + 4, count: this.#view.getUint32(start, true) };
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#view, this.#follow(at), this.#allowance);
  }

  #follow(at: number): number {
    this.#spend(OFFSET_BYTES);
    return at + this.#view.getUint32(at, true);
  }

  #spend(bytes: number): void {
    this.#allowance.bytes -= bytes;
    if (this.#allowance.bytes < 0) throw new RangeError("its parts are in each other without an end");
  }

  #find(field: number): number | undefined {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const slot = 4 + 2 * field;
    if (slot >= this.#view.getUint16(vtable, true)) return undefined;
    const offset = this.#view.getUint16(vtable + slot, true);
    return offset === 0 ? undefined : this.#at + offset;
  }
}
