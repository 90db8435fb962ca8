import { ROW_STATES, type RowState } from "../wire.ts";

/** Which rows; all conditions hold at once. */
export interface RowFilter {
  readonly state?: RowState;
  readonly code?: string;
  /** Failures of this kind, as `failureKind` makes it. */
  readonly kind?: string;
  /** With a warning of this code. */
  readonly warning?: string;
  /** With this text in a cell of the input, in the answer or in the message, in letters of any case. */
  readonly text?: string;
  /** The cell of a column has this text in it, or is equal to it. */
  readonly column?: ColumnCondition;
  /** Asked of this model, where a run has several. */
  readonly model?: string;
  readonly ranges: readonly Range[];
  /** Rows that are marked in each of these, for what is not known of a row by itself. */
  readonly marks?: readonly Marks[];
}

/** Which rows fit: 1 at the place of each that does. */
export type Marks = Uint8Array;

export interface ColumnCondition {
  readonly of: "input" | "output";
  readonly name: string;
  readonly is: "equal" | "containing";
  readonly text: string;
}

/** What rows can be measured, ordered and chosen by. */
export const MEASURES = {
  tokens: "r.input_tokens + r.output_tokens",
  duration: "r.duration_ms",
  attempts: "r.attempts",
  cost: "r.cost",
  outputs: "r.outputs",
  /** The number of the row of the input that a row was made of. */
  origin: "r.origin",
  /** When the first of its requests was sent, in milliseconds since 1970. */
  sent: "r.sent_at",
} as const;
export type Measure = keyof typeof MEASURES;

interface Range {
  readonly of: Measure;
  readonly least?: number;
  readonly most?: number;
}

/**
 * The filter that the parameters of a request describe; unknown ones are of others.
 *
 * @throws RangeError that names the parameter
 */
export function readFilter(parameters: URLSearchParams): RowFilter {
  const given = (name: string): string | undefined => parameters.get(name) || undefined;
  const state = given("state");
  if (state !== undefined && !isState(state)) throw new RangeError(`There is no state ${state}`);
  const [code, kind, warning, text, model] = ["code", "kind", "warning", "text", "model"].map(given);
  const column = readColumn(given);
  return {
    ...(state === undefined ? {} : { state }),
    ...(code === undefined ? {} : { code }),
    ...(kind === undefined ? {} : { kind }),
    ...(warning === undefined ? {} : { warning }),
    ...(text === undefined ? {} : { text }),
    ...(model === undefined ? {} : { model }),
    ...(column === undefined ? {} : { column }),
    ranges: (Object.keys(MEASURES) as Measure[]).flatMap((of) => {
      const [least, most] = [numberIn(given, `min-${of}`), numberIn(given, `max-${of}`)];
      if (least === undefined && most === undefined) return [];
      return [{ of, ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) }];
    }),
  };
}

function isState(text: string): text is RowState {
  return (ROW_STATES as readonly string[]).includes(text);
}

type Given = (name: string) => string | undefined;

function readColumn(given: Given): ColumnCondition | undefined {
  const name = given("column");
  const text = given("cell") ?? "";
  if (name === undefined || (text === "" && given("is") !== "equal")) return undefined;
  const of = given("of") === "output" ? "output" : "input";
  return { of, name, is: given("is") === "equal" ? "equal" : "containing", text };
}

function numberIn(given: Given, name: string): number | undefined {
  const text = given(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isFinite(number)) throw new RangeError(`${name} is no number: ${text}`);
  return number;
}

/** A condition of SQL over `row r`, with its values. */
export interface SqlCondition {
  /** @default every row */
  readonly sql?: string;
  readonly values: readonly (string | number)[];
}

/** What a filter says of what rows are measured by. Its texts are looked for in another way. */
export function sqlOf(filter: Omit<RowFilter, "text" | "column" | "marks">): SqlCondition {
  const { state, code, kind, warning, model, ranges } = filter;
  const parts: [sql: string, ...values: (string | number)[]][] = [];
  if (state !== undefined) parts.push(["r.state = ?", ROW_STATES.indexOf(state)]);
  if (code !== undefined) parts.push(["r.code = ?", code]);
  if (kind !== undefined) parts.push(["r.kind = ?", kind]);
  if (warning !== undefined) parts.push(["instr(r.warnings, ?) > 0", `,${warning},`]);
  if (model !== undefined) parts.push(["r.model = ?", model]);
  for (const { of, least, most } of ranges) {
    if (least !== undefined) parts.push([`${MEASURES[of]} >= ?`, least]);
    if (most !== undefined) parts.push([`${MEASURES[of]} <= ?`, most]);
  }
  return {
    ...(parts.length === 0 ? {} : { sql: parts.map(([sql]) => sql).join(" AND ") }),
    values: parts.flatMap(([, ...values]) => values),
  };
}
