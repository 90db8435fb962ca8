export { observeRuns } from "./observe-runs.ts";
export type { ObserveOptions } from "./observe-runs.ts";
