import {
  counted,
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

/** A policy for all failed rows, or a function that is called for each and gives its policy; nothing means `"drop"`. */
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

/** A failed row, for failures of this package. */
export function failedItem(row: Row, index: number, code: FailureCode, message: string): Failed {
  return { index, row, failure: { stage: "tidy", code, message, attempts: 0, usage: NO_USAGE } };
}

/** The policy for a row; `usual` is that of a function that gives nothing back. Throws where it is `"throw"`. */
export function settleFailure<Policy extends string>(
  failed: Failed,
  onFailure: OnFailure<Row, Policy>,
  usual: "drop" | "keep",
): "drop" | "null" | "keep" {
  const policy: unknown = typeof onFailure === "function" ? onFailure(failed) : onFailure;
  if (policy === "throw") throw rowFailed(failed);
  // Such a function may give back anything, such as the length that `push` returns.
  return policy === "drop" || policy === "null" || policy === "keep" ? policy : usual;
}

/** Counts failed rows for one warning about all of them. */
interface FailureCount {
  readonly add: (failed: Failed) => void;
  /** Emits one process warning if any row failed. */
  readonly warn: () => void;
}

/** Counts the failed rows of a stream without an `onFailure`, which drops them or keeps them as they are, with a warning. */
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
      const rows = counted(count, "row failed and was", "rows failed and were");
      const asTheyWere = count === 1 ? "kept as it is" : "kept as they are";
      process.emitWarning(
        `${rows} ${fate === "drop" ? "dropped" : asTheyWere}; the first was ${rowName(first.index)} (${first.failure.code}): ${first.failure.message}`,
        "ParrotWarning",
      );
    },
  };
}
