export { startUi } from "./server/start-ui.ts";
export type { Ui, UiOptions } from "./server/start-ui.ts";
export type { KeptResponse, OpenRun, ReadRow, RowFailure, RunSource, SourceRuns } from "./run-source.ts";
export type { ListedRun, RowState, RunStanding } from "./wire.ts";
