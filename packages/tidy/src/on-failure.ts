import {
  expecting,
  NO_USAGE,
  rowFailed,
  rowName,
  type Failed,
  type FailureCode,
  type OptionCheck,
  type Row,
} from "@parallel-parrot/core";

/**
 * What becomes of a row that failed, here or in an earlier stage:
 *
 * - `"drop"`: nothing comes out;
 * - `"null"`: it stays, with nulls for what it should have got;
 * - `"throw"`: the run fails with `ROW_FAILED`.
 */
export type FailurePolicy = "drop" | "null" | "throw";

/** A policy for all failed rows, or a function that is told of each: what it gives back decides, nothing means `"drop"`. */
export type OnFailure<R extends Row = Row, Policy extends string = FailurePolicy> =
  | Policy
  | ((failed: Failed<R>) => Policy)
  | ((failed: Failed<R>) => void);

/** An option that is a function or one of the policies. */
export function anOnFailure(...policies: readonly string[]): OptionCheck {
  return expecting(
    `${policies.map((one) => JSON.stringify(one)).join(", ")} or a function`,
    (value) => typeof value === "function" || policies.some((policy) => policy === value),
  );
}

/** A row that fails in this package. */
export function failedItem(row: Row, index: number, code: FailureCode, message: string): Failed {
  return { index, row, failure: { stage: "tidy", code, message, attempts: 0, usage: NO_USAGE } };
}

/** What the policy comes to; `usual` is that of a function that gives nothing back. Throws for `"throw"`. */
export function settleFailure<Policy extends string>(
  failed: Failed,
  onFailure: OnFailure<Row, Policy>,
  usual: "drop" | "keep",
): "drop" | "null" | "keep" {
  const policy: unknown = typeof onFailure === "function" ? onFailure(failed) : onFailure;
  if (policy === "throw") throw rowFailed(failed);
  // A function that gives nothing back, or what a `push` gives back, has only been told.
  return policy === "drop" || policy === "null" || policy === "keep" ? policy : usual;
}

/** Counts failed rows, to tell of them once. */
interface FailureCount {
  readonly add: (failed: Failed) => void;
  /** Emits one process warning where any row failed. */
  readonly warn: () => void;
}

/** What a stream does without an `onFailure`: rows are dropped, or kept as they are, but not silently. */
export function countFailures(fate: "drop" | "keep"): FailureCount {
  let count = 0;
  let first: Failed | undefined;
  return {
    add(failed) {
      count += 1;
      first ??= failed;
    },
    warn() {
      if (first === undefined) return;
      const rows = count === 1 ? "1 row failed and was" : `${count} rows failed and were`;
      const asTheyWere = count === 1 ? "kept as it is" : "kept as they are";
      process.emitWarning(
        `${rows} ${fate === "drop" ? "dropped" : asTheyWere}; the first was ${rowName(first.index)} (${first.failure.code}): ${first.failure.message}`,
        "ParrotWarning",
      );
    },
  };
}
