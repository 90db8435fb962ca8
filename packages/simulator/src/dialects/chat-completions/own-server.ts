import type { Dialect } from "../../dialect.ts";

/** What servers that people run themselves have in common: they tell no limits, and filter nothing. */
export const OWN_SERVER: Pick<Dialect, "filters" | "writeLimits"> = {
  filters: { prompt: "none", answer: "none" },
  writeLimits: () => ({}),
};
