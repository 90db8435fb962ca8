/** One mix of a server and what its client was told. */
export interface Cell {
  readonly kind: (typeof KINDS)[number];
  readonly charge: (typeof CHARGES)[number];
  readonly headers: (typeof HEADERS)[number];
  readonly told: (typeof TOLD)[number];
}

/** How the server counts: buckets that fill continuously, or windows of a minute. */
const KINDS = ["1.5 s bucket", "minute bucket", "sliding minute", "fixed minute"] as const;

/** What a request takes: its true usage, or its input and `max_tokens` as soon as it comes. */
const CHARGES = ["actual", "max_tokens"] as const;

/** Whether responses tell the limits, what is left, and how long to wait. */
const HEADERS = ["full", "none"] as const;

/** What the client believes to begin with. */
const TOLD = ["right", "twice", "nothing"] as const;

/** The real limits a minute, tokens being the tight one. */
export const REQUESTS_PER_MINUTE = 5000;
export const TOKENS_PER_MINUTE = 500_000;

export const MAX_TOKENS = 1024;

/** All 48 mixes. */
export function allCells(): readonly Cell[] {
  return KINDS.flatMap((kind) =>
    CHARGES.flatMap((charge) =>
      HEADERS.flatMap((headers) => TOLD.map((told) => ({ kind, charge, headers, told }))),
    ),
  );
}

/** Six that differ in everything. */
export function quickCells(): readonly Cell[] {
  return [
    { kind: "1.5 s bucket", charge: "actual", headers: "full", told: "right" },
    { kind: "1.5 s bucket", charge: "max_tokens", headers: "none", told: "twice" },
    { kind: "minute bucket", charge: "actual", headers: "none", told: "nothing" },
    { kind: "sliding minute", charge: "max_tokens", headers: "full", told: "nothing" },
    { kind: "sliding minute", charge: "actual", headers: "none", told: "twice" },
    { kind: "fixed minute", charge: "max_tokens", headers: "full", told: "twice" },
  ];
}
