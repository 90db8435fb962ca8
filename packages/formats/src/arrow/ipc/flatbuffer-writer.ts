/** A value in a table of a flatbuffer: a number of so many bytes, or something that lies behind the table. */
export type FlatField =
  | { readonly bytes: 1 | 2 | 4 | 8; readonly value: number | bigint }
  | { readonly bytes: 4; readonly to: FlatNode }
  | undefined;

/** What a flatbuffer is made of. */
export type FlatNode =
  | { readonly table: readonly FlatField[] }
  | { readonly vector: readonly FlatNode[] }
  | { readonly text: string }
  /** A vector of structs, or of numbers, as their bytes. */
  | { readonly structs: Uint8Array; readonly count: number };

export const byte = (value: number): FlatField => ({ bytes: 1, value });
export const short = (value: number): FlatField => ({ bytes: 2, value });
export const int = (value: number): FlatField => ({ bytes: 4, value });
export const long = (value: number): FlatField => ({ bytes: 8, value: BigInt(value) });
export const ref = (to: FlatNode): FlatField => ({ bytes: 4, to });

/** The bytes of a flatbuffer with this root, in a length that 8 divides. */
export function flatBytes(root: FlatNode): Uint8Array {
  const out = new Output();
  out.reserve(4, 8);
  out.set(0, 4, out.write(root));
  out.reserve(0, 8);
  return out.bytes();
}

/** Everything lies behind what points to it, as offsets to other places are never negative. */
class Output {
  #buffer = Buffer.alloc(1024);
  #length = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Room for so many bytes, at a place that the alignment divides, or that lies `before` bytes before one. */
  reserve(bytes: number, alignment: number, before = 0): number {
    const at = Math.ceil((this.#length + before) / alignment) * alignment - before;
    if (at + bytes > this.#buffer.length)
      this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#buffer.length + at + bytes)]);
    this.#length = at + bytes;
    return at;
  }

  set(at: number, bytes: 1 | 2 | 4 | 8, value: number | bigint): void {
    if (bytes === 8) this.#buffer.writeBigInt64LE(BigInt(value), at);
    else this.#buffer.writeUIntLE(Number(BigInt.asUintN(bytes * 8, BigInt(value))), at, bytes);
  }

  /** Writes a node and what it leads to, and gives its place. */
  write(node: FlatNode): number {
    if ("table" in node) return this.#table(node.table);
    if ("vector" in node) return this.#vector(node.vector);
    return "text" in node ? this.#text(node.text) : this.#structs(node.structs, node.count);
  }

  #table(fields: readonly FlatField[]): number {
    const offsets = fields.map(() => 0);
    let size = 4;
    for (const bytes of [8, 4, 2, 1]) {
      for (const [place, field] of fields.entries()) {
        if (field?.bytes !== bytes) continue;
        size = Math.ceil(size / bytes) * bytes;
        offsets[place] = size;
        size += bytes;
      }
    }
    const vtableSize = 4 + 2 * fields.length;
    const vtable = this.reserve(vtableSize, 2);
    const table = this.reserve(size, 8);
    this.set(vtable, 2, vtableSize);
    this.set(vtable + 2, 2, size);
    for (const [place, offset] of offsets.entries()) this.set(vtable + 4 + 2 * place, 2, offset);
    this.set(table, 4, table - vtable);
    for (const [place, field] of fields.entries()) {
      const at = table + (offsets[place] ?? 0);
      if (field === undefined) continue;
      if ("to" in field) this.#point(at, field.to);
      else this.set(at, field.bytes, field.value);
    }
    return table;
  }

  #vector(nodes: readonly FlatNode[]): number {
    const at = this.reserve(4 + 4 * nodes.length, 4);
    this.set(at, 4, nodes.length);
    for (const [place, node] of nodes.entries()) this.#point(at + 4 + 4 * place, node);
    return at;
  }

  #text(text: string): number {
    const bytes = Buffer.from(text);
    // A zero ends it.
    const at = this.reserve(4 + bytes.length + 1, 4);
    this.set(at, 4, bytes.length);
    this.#buffer.set(bytes, at + 4);
    return at;
  }

  #structs(structs: Uint8Array, count: number): number {
    const at = this.reserve(4 + structs.length, 8, 4);
    this.set(at, 4, count);
    this.#buffer.set(structs, at + 4);
    return at;
  }

  #point(at: number, node: FlatNode): void {
    const target = this.write(node);
    this.set(at, 4, target - at);
  }
}
