import { ParrotError } from "@parallel-parrot/core";
import type * as Arrow from "apache-arrow";
import type { ArrowArray } from "../ipc/arrow-array.ts";

/** What of the library apache-arrow is used, to make tables that come out where tables went in. */
export interface ApacheArrow {
  /** The array as the library has it, of the type of a field. */
  makeArray(array: ArrowArray, field: ApacheField): ArrowArray;
  /** The record batches of a stream of Arrow, whose fields have the library's types. */
  read(bytes: Uint8Array): {
    readonly fields: readonly ApacheField[];
    readonly batches: readonly (readonly ArrowArray[])[];
  };
  makeBatch(schema: ApacheSchema, columns: readonly ArrowArray[], length: number): object;
  makeSchema(fields: readonly ApacheField[], like: object): ApacheSchema;
  makeTable(schema: ApacheSchema, batches: readonly object[]): object;
}

type ApacheSchema = object;

/** A field as the library has it. */
export interface ApacheField {
  readonly name: string;
}

type Library = typeof Arrow;

/** A name that no bundler sees: one that looked for the package would fail the build of whoever does without. */
const PACKAGE: string = "apache-arrow";

/** Loads the library, which whoever has such a table has installed. */
export async function loadApacheArrow(): Promise<ApacheArrow> {
  const library = await load();
  const { makeData, Table, RecordBatch, Schema, Struct, tableFromIPC } = library;
  type Data = ReturnType<typeof makeData>;
  type Field = ConstructorParameters<typeof Struct>[0][number];

  function dataOf(array: ArrowArray, type: Data["type"]): Data {
    // What was not taken apart is the library's own.
    if (array instanceof library.Data) return array as Data;
    const { length, nullBitmap, values: data, valueOffsets, typeIds, variadicBuffers, dictionary } = array;
    const base = { type, length, nullCount: nullBitmap.length === 0 ? 0 : -1, nullBitmap };
    const children = array.children.map((child, place) => dataOf(child, type.children[place]?.type ?? type));
    const [child] = children;
    // The library has a form of its own for each type, and takes of these what the type needs.
    const parts = {
      ...base,
      data,
      views: data,
      valueOffsets,
      typeIds,
      variadicBuffers,
      dictionary,
      child,
      children,
    };
    return makeData(parts as unknown as Parameters<typeof makeData>[0]);
  }

  return {
    makeArray: (array, field) => dataOf(array, (field as unknown as Field).type),
    read(bytes) {
      const table = tableFromIPC(bytes);
      return {
        fields: table.schema.fields,
        batches: table.batches.map(({ data }) => data.children as unknown as readonly ArrowArray[]),
      };
    },
    makeSchema(fields, like) {
      const metadata =
        "metadata" in like && like.metadata instanceof Map ? (like.metadata as Map<string, string>) : null;
      return new Schema(fields as unknown as Field[], metadata);
    },
    makeBatch(schema, columns, length) {
      const own = schema as InstanceType<typeof Schema>;
      const data = makeData({
        type: new Struct(own.fields),
        length,
        nullCount: 0,
        children: columns as unknown as Data[],
      });
      return new RecordBatch(own, data);
    },
    makeTable: (schema, batches) =>
      new Table(schema as InstanceType<typeof Schema>, batches as InstanceType<typeof RecordBatch>[]),
  };
}

async function load(): Promise<Library> {
  // In a `try`, by which bundlers know that it may be missing.
  try {
    return (await import(PACKAGE)) as Library;
  } catch (cause) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot make a table of Arrow: the package ${PACKAGE} cannot be loaded; install it beside this one (npm install ${PACKAGE})`,
      { option: "rows", cause },
    );
  }
}
