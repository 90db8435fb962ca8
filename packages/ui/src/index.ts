export { startUi } from "./server/start-ui.ts";
export type { Ui, UiOptions } from "./server/start-ui.ts";
export type {
  ExportFormat,
  ExportedRow,
  FailedChoice,
  KeptLabels,
  KeptResponse,
  LabelList,
  OpenRun,
  ReadRow,
  RowFailure,
  RunSource,
  SourceRuns,
} from "./run-source.ts";
export type { ListedRun, RowLabel, RowState, RunStanding } from "./wire.ts";
export type { Budget, CodeCount, LimitUse, LiveRun } from "./live-run.ts";
export type { RunCourse } from "./run-course.ts";
