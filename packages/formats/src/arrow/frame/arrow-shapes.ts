import { isObject } from "@parallel-parrot/core";

/**
 * A table as apache-arrow has it, known by its shape: only whoever uses such tables needs that package, of whatever
 * version and however often it is installed.
 */
export interface ArrowTable {
  readonly schema: ArrowTableSchema;
  readonly batches: readonly ArrowRecordBatch[];
  readonly numRows: number;
}

/** Some rows of such a table. */
export interface ArrowRecordBatch {
  readonly schema: ArrowTableSchema;
  readonly data: { readonly children: readonly object[] };
  readonly numRows: number;
}

/** The columns of such a table. */
export interface ArrowTableSchema {
  readonly fields: readonly { readonly name: string }[];
}

export function isArrowTable(value: unknown): value is ArrowTable {
  return hasSchema(value) && "batches" in value && Array.isArray(value.batches) && "numRows" in value;
}

export function isArrowRecordBatch(value: unknown): value is ArrowRecordBatch {
  return (
    hasSchema(value) &&
    "data" in value &&
    isObject(value.data) &&
    "children" in value.data &&
    "numRows" in value
  );
}

function hasSchema(value: unknown): value is object & { readonly schema: ArrowTableSchema } {
  return (
    isObject(value) &&
    "schema" in value &&
    isObject(value.schema) &&
    "fields" in value.schema &&
    Array.isArray(value.schema.fields)
  );
}
