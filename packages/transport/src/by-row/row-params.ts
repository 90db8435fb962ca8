import { describeGiven, isObject, quote, type OptionCheck, type Row } from "@parallel-parrot/core";
import { pickParams, PARAM_NAMES, type GenerationParams, type ParamName } from "@parallel-parrot/providers";
import { invalidParameter } from "../errors/invalid-parameter.ts";
import { GENERATION_PARAMS } from "../option-checks.ts";
import type { CompletionOptions } from "../options.ts";

/** How many different parameters of rows are kept: rows with the same ones get the same object. */
const MAX_KEPT = 1000;

/** The parameters of each row: those of the run, and on top of them its own. */
export class RowParams {
  /** The parameters that rows have set themselves so far. */
  readonly own: Set<ParamName> = new Set();
  readonly #shared: GenerationParams;
  readonly #ofRow: CompletionOptions["rowParams"];
  readonly #kept = new Map<string, GenerationParams>();

  constructor({ rowParams, ...shared }: Pick<CompletionOptions, "rowParams" | ParamName>) {
    this.#shared = pickParams(shared);
    this.#ofRow = rowParams;
  }

  /** @throws RejectionError with the code `INVALID_PARAMETER` where those of the row cannot be used */
  of(row: Row): GenerationParams {
    return this.#ofRow === undefined ? this.#shared : this.#with(this.ownOf(row));
  }

  /** What the row sets itself, as a text: equal ones are equal; empty where it sets nothing. */
  ownOf(row: Row): string {
    if (this.#ofRow === undefined) return "";
    const own = pickParams(checked(this.#ofRow, row));
    for (const name of PARAM_NAMES) if (own[name] !== undefined) this.own.add(name);
    return Object.keys(own).length === 0 ? "" : JSON.stringify(own);
  }

  #with(own: string): GenerationParams {
    if (own === "") return this.#shared;
    const known = this.#kept.get(own);
    if (known !== undefined) return known;
    const params = { ...this.#shared, ...(JSON.parse(own) as GenerationParams) };
    if (this.#kept.size < MAX_KEPT) this.#kept.set(own, params);
    return params;
  }
}

function checked(ofRow: NonNullable<CompletionOptions["rowParams"]>, row: Row): GenerationParams {
  let own: unknown;
  try {
    own = ofRow(row) ?? {};
  } catch (error) {
    throw invalidParameter("parameters", error);
  }
  if (!isObject(own)) throw invalidParameter("parameters", `expected an object, got ${describeGiven(own)}`);
  for (const [name, value] of Object.entries(own)) {
    const check = CHECKS.get(name);
    if (check === undefined) throw invalidParameter(quote(name), `parameters are ${PARAM_NAMES.join(", ")}`);
    const problem = value === undefined ? undefined : check.problemOf(value, name);
    if (problem !== undefined) throw invalidParameter(name, problem.message);
  }
  return own;
}

const CHECKS: ReadonlyMap<string, OptionCheck> = new Map(Object.entries<OptionCheck>(GENERATION_PARAMS));
