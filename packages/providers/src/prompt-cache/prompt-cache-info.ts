/** How an API keeps the beginning of a prompt for requests that begin the same, and sells it to them cheaper. */
export interface PromptCacheInfo {
  /** Whether it keeps what a request marks, or finds out by itself what requests share. */
  readonly by: "marks" | "itself";
  /** Whether requests are marked unless the user says otherwise: where the vendor's prices hold, by which it pays. */
  readonly isDefault: boolean;
  /** The shortest beginning that it keeps, in tokens; where that is not known, the longest of any model. */
  readonly minTokens: number;
  /** For how long it is kept after its last use. */
  readonly lifetimeMs: number;
}
