import "./require-node.ts";

export { acceptPackets, itemsOf, originsOf, Packet } from "./packet.ts";
export { addUsage, NO_USAGE } from "./usage.ts";
export { arraySource, collect } from "./array-source.ts";
export { checkArgument, checkOptions, optionsOf, pickOptions } from "./check-options.ts";
export {
  aBoolean,
  aFunction,
  aColumn,
  aNumber,
  aNumberAbove0,
  anObject,
  anything,
  aSecret,
  aSignal,
  aText,
  describeGiven,
  expecting,
  oneOf,
  required,
  texts,
  wholeNumber,
} from "./option-check.ts";
export { failAtEnd } from "./fail-at-end.ts";
export { FaultLimit, faultOf, MAX_FAULTS } from "./fault.ts";
export { flatMapStream } from "./flat-map-stream.ts";
export { getCell, setCell } from "./row.ts";
export { AnswerCounts } from "./answer-counts.ts";
export { cellIdentity, cellText } from "./cell.ts";
export { isFailed } from "./item.ts";
export { isObject, isPlainObject, isRecord } from "./is-object.ts";
export { isWrittenNumber } from "./json/written-number.ts";
export { parseJson } from "./json/parse-json.ts";
export { stringifyJson } from "./json/stringify-json.ts";
export { isParrotError, ParrotError } from "./parrot-error.ts";
export { missingColumns } from "./missing-columns.ts";
export { MAX_NESTING, nestingProblem } from "./nesting.ts";
export { nearestNames } from "./nearest-names.ts";
export { mapConcurrentStream } from "./map-concurrent-stream.ts";
export { messageOf } from "./message-of.ts";
export { hasTooManyValues, MAX_JSON_VALUES } from "./json-size.ts";
export { mapSchema } from "./map-schema.ts";
export { mapStream } from "./map-stream.ts";
export { PacketStream } from "./packet-stream.ts";
export { clip, quote, quoteAll } from "./quote.ts";
export { anOutput, lastResort, readOutputs } from "./output.ts";
export { singleUse } from "./single-use.ts";
export { rowFailed } from "./row-failed.ts";
export { rowName } from "./row-name.ts";
export { terminalJson, terminalLine, terminalText } from "./terminal-text.ts";
export { transformStreamFrom } from "./transform-stream-from.ts";
export { untilError } from "./until-error.ts";
export { watchStream } from "./watch-stream.ts";
export type { ChoiceReading, JsonSchema, Output, OutputShape, PartialOutputs, Reading } from "./output.ts";
export type { Choice, Completion, FinishReason } from "./completion.ts";
export type { Completed, Failed, Item, Parsed, Prompted, PromptShortener } from "./item.ts";
export type { ImagePart, Message, Prompt } from "./prompt.ts";
export type { Warning, WarningCode } from "./warning.ts";
export type { ParseJsonOptions } from "./json/parse-json.ts";
export type { WrittenNumber } from "./json/written-number.ts";
export type { OptionCheck, OptionChecks, OptionProblem } from "./option-check.ts";
export type { ConcurrentStage, MapConcurrentOptions } from "./map-concurrent-stream.ts";
export type { Origins } from "./packet.ts";
export type { StreamWatcher } from "./watch-stream.ts";
export type { Overflow } from "./window.ts";
export { SKIP } from "./window.ts";
export type { ErrorCode, ParrotErrorOptions } from "./parrot-error.ts";
export type { Failure, FailureCode, FailureStage } from "./failure.ts";
export type { AsRow, Row } from "./row.ts";
export type { Cut, Shortening } from "./shortening.ts";
export type { Stage } from "./stage.ts";
export type { Usage } from "./usage.ts";
