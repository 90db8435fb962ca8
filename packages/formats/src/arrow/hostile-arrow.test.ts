import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource } from "../index.ts";
import type { ArrowArray } from "./ipc/arrow-array.ts";
import type { ArrowField, ArrowType } from "./ipc/arrow-field.ts";
import { MAGIC } from "./ipc/arrow-message.ts";
import { flatBytes, ref, short } from "./ipc/flatbuffer-writer.ts";
import {
  batchMessage,
  dictionaryMessage,
  FILE_START,
  schemaMessage,
  STREAM_END,
  type WrittenMessage,
} from "./ipc/write-messages.ts";
import { schemaNode } from "./ipc/write-schema.ts";
import { RowAllowance } from "./read/row-allowance.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hostile-arrow-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function fieldOf(name: string, type: ArrowType, children: readonly ArrowField[] = []): ArrowField {
  return { name, nullable: true, type, children, dictionary: undefined, metadata: new Map() };
}

function arrayOf(length: number, parts: Partial<ArrowArray> = {}): ArrowArray {
  return { length, offset: 0, nullBitmap: new Uint8Array(), children: [], ...parts };
}

const NULLS = fieldOf("nothing", { type: "null" });
const BYTES = fieldOf("bytes", { type: "int", bits: 8, signed: true });

async function read(bytes: Uint8Array): Promise<Row[]> {
  const path = join(directory, "in.arrow");
  await writeFile(path, bytes);
  return Array.fromAsync(openSource(path));
}

function readStream(field: ArrowField, ...messages: readonly WrittenMessage[]): Promise<Row[]> {
  const schema = schemaMessage({ fields: [field], metadata: new Map() });
  return read(Buffer.concat([...[schema, ...messages].map(({ bytes }) => bytes), STREAM_END]));
}

/** Reads a stream of one record batch with one column. */
function readColumn(field: ArrowField, array: ArrowArray): Promise<Row[]> {
  return readStream(field, batchMessage([field], { length: array.length, columns: [array] }));
}

describe("a file of Arrow that a stranger has made", () => {
  it("a list of more nulls than fit in memory is refused before it is made", async () => {
    const items = 2 ** 31 - 1;
    const field = fieldOf("list", { type: "fixedList", items }, [NULLS]);
    const array = arrayOf(1, { children: [arrayOf(items)] });
    await expect(readColumn(field, array)).rejects.toThrow(/a row has 2147483647 values/);
  });

  it("lists that share the lists in them are refused when a row has too many values", async () => {
    let field = BYTES;
    let array = arrayOf(300, { values: new Uint8Array(300) });
    for (let depth = 0; depth < 6; depth += 1) {
      field = fieldOf("lists", { type: "listView", large: false }, [field]);
      const [valueOffsets, sizes] = [new Int32Array(300), new Int32Array(300).fill(300)];
      array = arrayOf(300, { valueOffsets, sizes, children: [array] });
    }
    await expect(readColumn(field, array)).rejects.toThrow(/a row has \d+ values, and at most 16777216/);
  });

  it("the bytes of a row are counted together, in whatever cells they are", () => {
    const allowance = new RowAllowance();
    allowance.addBytes(2 ** 30);
    expect(() => allowance.addBytes(1)).toThrow(/a row has \d+ bytes, and at most 1073741824 are read/);
    allowance.begin();
    allowance.addBytes(1);
    expect(allowance.size).toBe(1);
  });

  it("rows that take much memory are handed on a few at a time", async () => {
    const [length, count] = [2 ** 20, 200];
    const values = new Int32Array(4 * count);
    for (let place = 0; place < count; place += 1) values[4 * place] = length;
    const field = fieldOf("bytes", { type: "binaryView" });
    const path = join(directory, "in.arrow");
    const batch = batchMessage([field], {
      length: count,
      columns: [arrayOf(count, { values, variadicBuffers: [new Uint8Array(length)] })],
    });
    const schema = schemaMessage({ fields: [field], metadata: new Map() });
    await writeFile(path, Buffer.concat([schema.bytes, batch.bytes, STREAM_END]));
    const held = process.memoryUsage().arrayBuffers;
    const source = openSource(path);
    for await (const _ of source) break;
    expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(100 * length);
  });

  it.each<ArrowType>([
    { type: "decimal", precision: 38, scale: 0, bits: 64 * 200_000 },
    { type: "decimal", precision: 38, scale: 400_000_000, bits: 128 },
    { type: "decimal", precision: 38, scale: -400_000_000, bits: 128 },
    { type: "int", bits: 7, signed: true },
    { type: "time", unit: "millis", bits: 0 },
    { type: "fixedBinary", bytes: -1 },
  ])("a type whose numbers the format does not allow is refused: %j", async (type) => {
    const array = arrayOf(1, { values: new Uint8Array(16) });
    await expect(readColumn(fieldOf("cell", type), array)).rejects.toThrow(
      /"cell" has a type that is not of/,
    );
  });

  it("more rows than a batch can have are refused, where they take no bytes", async () => {
    await expect(readColumn(NULLS, arrayOf(2 ** 52))).rejects.toThrow(/has 4503599627370496 cells/);
  });

  it("runs whose ends are nothing have no cells", async () => {
    const length = 2 ** 31 - 1;
    const array = arrayOf(1, { children: [arrayOf(length), arrayOf(length)] });
    const field = fieldOf("runs", { type: "runs" }, [NULLS, NULLS]);
    await expect(readColumn(field, array)).rejects.toThrow(/a cell lies outside of its column/);
  });

  it("dictionaries in each other are read, in however many parts they come", async () => {
    const values: ArrowField[] = [];
    let field = BYTES;
    for (let id = 0; id < 8; id += 1) {
      const index = { type: "int", bits: 8, signed: true } as const;
      const inner = { ...field, dictionary: { id, index, ordered: false } };
      values.push(inner);
      field = fieldOf("struct", { type: "struct" }, [inner]);
    }
    const first = arrayOf(1, { values: Uint8Array.of(0) });
    const structs = arrayOf(1, { children: [first] });
    const messages = values.flatMap((inner, id) =>
      Array.from({ length: 50 }, (_, part) =>
        dictionaryMessage(inner, id, id === 0 ? first : structs, part > 0),
      ),
    );
    const batch = batchMessage([field], { length: 1, columns: [structs] });
    const [row] = await readStream(field, ...messages, batch);
    expect(JSON.stringify(row)).toContain('{"bytes":0}');
  });

  it("a schema whose fields share the fields in them is refused", async () => {
    await expect(read(schemaOfSharedFields(60))).rejects.toThrow(/in each other without an end/);
  });

  it("a footer that claims to be as long as a hole in the file is not read", async () => {
    const path = join(directory, "in.arrow");
    const footer = flatBytes({
      table: [
        short(4),
        ref(schemaNode({ fields: [NULLS], metadata: new Map() })),
        undefined,
        ref({ structs: new Uint8Array(24), count: 40_000_000 }),
      ],
    });
    const [length, size] = [2 ** 30, 2 ** 30 + 1000];
    const end = Buffer.alloc(4);
    end.writeInt32LE(length);
    const file = await open(path, "w");
    await file.write(FILE_START, 0, FILE_START.length, 0);
    await file.write(footer, 0, footer.length, size - 10 - length);
    await file.write(Buffer.concat([end, Buffer.from(MAGIC)]), 0, 10, size - 10);
    await file.close();
    await expect(openSource(path).columns()).rejects.toThrow(/its footer is damaged/);
  });
});

/** The message of a schema in which each field has the next one in it twice. */
function schemaOfSharedFields(depth: number): Uint8Array {
  const bytes = Buffer.alloc(200 + 64 * depth);
  let end = 4;
  /** Writes where the fields of a table lie, 0 for those that it lacks, and then the table. Gives its place. */
  const table = (size: number, ...fields: readonly number[]): number => {
    const about = end;
    for (const [place, value] of [4 + 2 * fields.length, size, ...fields].entries())
      bytes.writeUInt16LE(value, about + 2 * place);
    const at = Math.ceil((about + 4 + 2 * fields.length) / 4) * 4;
    bytes.writeInt32LE(at - about, at);
    end = at + size;
    return at;
  };
  const point = (at: number, to: number): void => {
    bytes.writeUInt32LE(to - at, at);
  };
  const vector = (count: number): number => {
    const at = end;
    bytes.writeUInt32LE(count, at);
    end = at + 4 + 4 * count;
    return at;
  };
  const message = table(12, 8, 10, 4);
  point(0, message);
  bytes.writeInt16LE(4, message + 8);
  bytes.writeUInt8(1, message + 10);
  const schema = table(8, 0, 4);
  point(message + 4, schema);
  let children = vector(1);
  point(schema + 4, children);
  for (let level = 0; level < depth; level += 1) {
    const field = table(16, 0, 0, 12, 4, 0, 8);
    bytes.writeUInt8(13, field + 12);
    for (let place = bytes.readUInt32LE(children); place > 0; place -= 1) point(children + 4 * place, field);
    // Any table is one of a type that says nothing.
    children = vector(level === depth - 1 ? 0 : 2);
    point(field + 8, children);
    const type = table(4);
    point(field + 4, type);
  }
  const start = Buffer.alloc(8, 0xff);
  start.writeInt32LE(end, 4);
  return Buffer.concat([start, bytes.subarray(0, end)]);
}
