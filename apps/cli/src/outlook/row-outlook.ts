import type { Item, Prompt, Usage } from "@parallel-parrot/core";

/** What becomes of a row that is asked for now, and why. */
export type Reason =
  /** It will not be asked: the journal has its answer. */
  | { readonly kind: "answered"; readonly usage: Usage }
  /** It will not be asked: it was refused, or no answer to it could be used. */
  | { readonly kind: "failed" }
  /** It cannot be asked: no prompt can be made of it. */
  | { readonly kind: "unaskable"; readonly message: string }
  /** It will not be asked: `--when` lets it pass as it is. */
  | { readonly kind: "passes" }
  /** It will not be asked: it shares the answer of an earlier row, which will be. */
  | { readonly kind: "shared" }
  /** It will be asked, whatever the journal has, as `--fresh` says. */
  | { readonly kind: "fresh" }
  /** It will be asked: an earlier run sent a different request for it. */
  | { readonly kind: "changed"; readonly changed: readonly string[]; readonly run: number }
  /**
   * It will be asked: an earlier run had finished a row at this place. The row was changed or is new, or its failure
   * may pass.
   */
  | { readonly kind: "row"; readonly run: number }
  /** It will be asked: no run has come to it. */
  | { readonly kind: "new" };

/** Why a row will be asked. */
export type AskedReason = Extract<Reason, { readonly kind: "fresh" | "changed" | "row" | "new" }>;

/** A row that a run would work on, with its number in the input, and what would become of it. */
export interface RowOutlook extends Item {
  readonly reason: Reason;
  /** Its prompt, where an earlier row has the same. */
  readonly equalPrompt: Prompt | undefined;
}

/** Whether a row will be asked. */
export function isAsked(reason: Reason): reason is AskedReason {
  return ["fresh", "changed", "row", "new"].includes(reason.kind);
}
