import type { Dialect } from "../../dialect.ts";

/** What servers that people run themselves have in common: they tell no limits and have no filters. */
export const OWN_SERVER: Pick<Dialect, "filters" | "writeLimits"> = {
  filters: { prompt: "none", answer: "none" },
  writeLimits: () => ({}),
};
