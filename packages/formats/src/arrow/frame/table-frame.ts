import type { ArrowArray, ArrowBatch } from "../ipc/arrow-array.ts";
import { writeTable } from "../ipc/write-table.ts";
import { loadApacheArrow, type ApacheArrow, type ApacheField } from "./apache-arrow.ts";
import { rowsOf, type ArrowFrame } from "./arrow-frame.ts";
import type { ArrowRecordBatch, ArrowTable, ArrowTableSchema } from "./arrow-shapes.ts";
import { fieldOfShape } from "./field-of-shape.ts";
import { FrameParts } from "./frame-parts.ts";

/** A table of apache-arrow as a frame. Columns of which all cells are kept are the same arrays in the one that is made. */
export function tableFrame(table: ArrowTable): ArrowFrame {
  return frameOf(table.schema, table.batches, (library, schema, batches) =>
    library.makeTable(schema, batches),
  );
}

/** A record batch of apache-arrow as a frame of its own. What is made of it is `undefined` where no row is left. */
export function batchFrame(batch: ArrowRecordBatch): ArrowFrame {
  return frameOf(batch.schema, [batch], (_library, _schema, [only]) => only);
}

type Make = (library: ApacheArrow, schema: object, batches: readonly object[]) => object | undefined;

function frameOf(schema: ArrowTableSchema, given: readonly ArrowRecordBatch[], make: Make): ArrowFrame {
  const fields = schema.fields.map((field) => fieldOfShape(field));
  const batches = given.map(({ numRows, data }): ArrowBatch => ({
    length: numRows,
    columns: data.children as readonly ArrowArray[],
  }));
  return {
    columns: fields.map(({ name }) => name),
    batches: batches.map(({ length }) => length),
    *rowsOf(place) {
      const batch = batches[place];
      if (batch !== undefined) yield* rowsOf(fields, batch);
    },
    build: (columns) => new FrameParts(fields, batches, columns, (parts) => finish(parts, schema, make)),
  };
}

async function finish(parts: FrameParts, schema: ArrowTableSchema, make: Make): Promise<object | undefined> {
  const library = await loadApacheArrow();
  const built = parts.batches();
  const added = parts.columns.flatMap((column) => ("field" in column ? [column.field] : []));
  // The library makes types and arrays of its own of those that are added.
  const bytes = writeTable(
    { fields: added, metadata: new Map() },
    built.map(({ length, columns }) => ({
      length,
      columns: columns.filter((_, place) => isAdded(parts, place)),
    })),
    "stream",
  );
  const { fields: addedFields, batches: addedArrays } = library.read(bytes);
  const fields = parts.columns
    .flatMap((column): readonly (ApacheField | undefined)[] =>
      "field" in column ? [addedFields[column.value]] : [schema.fields[column.place]],
    )
    .filter((field) => field !== undefined);
  const madeSchema = library.makeSchema(fields, schema);
  const batches = built.map(({ columns, length }, batch) => {
    const arrays = columns.flatMap((array, place): ArrowArray[] => {
      const column = parts.columns[place];
      const field = fields[place];
      if (column === undefined || field === undefined) return [];
      if (!("field" in column)) return [library.makeArray(array, field)];
      return addedArrays[batch]?.slice(column.value, column.value + 1) ?? [];
    });
    return library.makeBatch(madeSchema, arrays, length);
  });
  return make(library, madeSchema, batches);
}

function isAdded({ columns }: FrameParts, place: number): boolean {
  const column = columns[place];
  return column !== undefined && "field" in column;
}
