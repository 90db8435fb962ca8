/** What an array of Arrow is made of, in the words of its format. */
export type ArrowType =
  | { readonly type: "null" | "bool" | "struct" | "runs" }
  | { readonly type: "int"; readonly bits: number; readonly signed: boolean }
  | { readonly type: "float"; readonly bits: 16 | 32 | 64 }
  /** `large` ones have offsets of 64 bits. */
  | { readonly type: "binary" | "utf8"; readonly large: boolean }
  | { readonly type: "list"; readonly large: boolean }
  | { readonly type: "listView"; readonly large: boolean }
  | { readonly type: "binaryView" | "utf8View" }
  | { readonly type: "decimal"; readonly precision: number; readonly scale: number; readonly bits: number }
  | { readonly type: "date"; readonly unit: "days" | "millis" }
  | { readonly type: "time"; readonly unit: ArrowUnit; readonly bits: number }
  | { readonly type: "timestamp"; readonly unit: ArrowUnit; readonly zone: string | undefined }
  | { readonly type: "interval"; readonly unit: "months" | "days" | "nanos" }
  | { readonly type: "duration"; readonly unit: ArrowUnit }
  | { readonly type: "union"; readonly dense: boolean; readonly typeIds: readonly number[] }
  | { readonly type: "fixedBinary"; readonly bytes: number }
  | { readonly type: "fixedList"; readonly items: number }
  | { readonly type: "map"; readonly keysSorted: boolean };

export type ArrowUnit = "seconds" | "millis" | "micros" | "nanos";

/** The units in the order of their numbers. */
export const UNITS: readonly ArrowUnit[] = ["seconds", "millis", "micros", "nanos"];

/** A field of a schema: a column, or what lies in one. */
export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  /** The type of the cells, also where they are in a dictionary. */
  readonly type: ArrowType;
  readonly children: readonly ArrowField[];
  /** Where the cells are in a dictionary, what refers to it. */
  readonly dictionary: ArrowDictionary | undefined;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface ArrowDictionary {
  readonly id: number;
  readonly index: { readonly type: "int"; readonly bits: number; readonly signed: boolean };
  readonly ordered: boolean;
}

/** The columns of a file or stream. */
export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** All dictionaries of some fields by their number, with the fields whose cells lie in them. */
export function dictionariesOf(fields: readonly ArrowField[]): Map<number, ArrowField> {
  const found = new Map<number, ArrowField>();
  const walk = (field: ArrowField): void => {
    if (field.dictionary !== undefined) found.set(field.dictionary.id, { ...field, dictionary: undefined });
    for (const child of field.children) walk(child);
  };
  for (const field of fields) walk(field);
  return found;
}
