/** What is measured: after five seconds, for four whole minutes, without the last tenth of the run. */
export const STEADY_FROM_MS = 5000;
export const STEADY_TO_MS: number = STEADY_FROM_MS + 4 * 60_000;
export const RUN_MS: number = STEADY_TO_MS / 0.9;
