import "./require-node.ts";

export { createInlet } from "./streams/inlet.ts";
export type { Inlet } from "./streams/inlet.ts";
export { acceptPackets, itemsOf, originsOf, Packet } from "./streams/packet.ts";
export { addUsage, NO_USAGE } from "./items/usage.ts";
export { arraySource, collect } from "./streams/array-source.ts";
export { checkArgument, checkOptions, optionsOf, pickOptions } from "./options/check-options.ts";
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
} from "./options/option-check.ts";
export { counted } from "./options/counted.ts";
export { failAtEnd } from "./streams/fail-at-end.ts";
export { FaultLimit, faultOf, MAX_FAULTS } from "./errors/fault.ts";
export { flatMapStream } from "./streams/flat-map-stream.ts";
export { getCell, setCell } from "./items/row.ts";
export { AnswerCounts } from "./items/answer-counts.ts";
export { cellIdentity, cellText } from "./cells/cell.ts";
export { comparableText } from "./cells/comparable-text.ts";
export { isCompleted, isFailed } from "./items/item.ts";
export { isObject, isPlainObject, isRecord } from "./cells/is-object.ts";
export { isWrittenNumber } from "./json/written-number.ts";
export { parseJson } from "./json/parse-json.ts";
export { plainJson } from "./json/plain-json.ts";
export { stringifyJson } from "./json/stringify-json.ts";
export { isParrotError, ParrotError } from "./errors/parrot-error.ts";
export { missingColumns } from "./options/missing-columns.ts";
export { MAX_NESTING, nestingProblem } from "./cells/nesting.ts";
export { nearestNames } from "./options/nearest-names.ts";
export { mapConcurrentStream } from "./streams/map-concurrent-stream.ts";
export { asError } from "./errors/as-error.ts";
export { messageOf } from "./errors/message-of.ts";
export { hasTooManyValues, MAX_JSON_VALUES } from "./cells/json-size.ts";
export { mapSchema } from "./items/map-schema.ts";
export { mapStream } from "./streams/map-stream.ts";
export { loadSqlite } from "./load-sqlite.ts";
export { PacketStream } from "./streams/packet-stream.ts";
export { clip, quote, quoteAll } from "./options/quote.ts";
export { shellWord } from "./options/shell-word.ts";
export { anOutput, lastResort, readOutputs } from "./items/output.ts";
export { singleUse } from "./streams/single-use.ts";
export { rowFailed } from "./errors/row-failed.ts";
export { rowName } from "./items/row-name.ts";
export { terminalJson, terminalLine, terminalText } from "./cells/terminal-text.ts";
export { transformStreamFrom } from "./streams/transform-stream-from.ts";
export { untilError } from "./streams/until-error.ts";
export { watchStream } from "./streams/watch-stream.ts";
export type {
  ChoiceReading,
  JsonSchema,
  Combined,
  GroupedAnswer,
  GroupedOutput,
  Output,
  OutputShape,
  PartialOutputs,
  Reading,
} from "./items/output.ts";
export type { Choice, Completion, FinishReason } from "./items/completion.ts";
export type { Completed, Failed, Item, Parsed, Prompted, PromptShortener } from "./items/item.ts";
export type { ImagePart, Message, Prompt, PromptPrefix } from "./items/prompt.ts";
export type { Warning, WarningCode } from "./items/warning.ts";
export type { ParseJsonOptions } from "./json/parse-json.ts";
export type { PlainJsonOptions } from "./json/plain-json.ts";
export type { WrittenNumber } from "./json/written-number.ts";
export type { OptionCheck, OptionChecks, OptionProblem } from "./options/option-check.ts";
export type { FlatMapOptions } from "./streams/flat-map-stream.ts";
export type { ConcurrentStage, MapConcurrentOptions } from "./streams/map-concurrent-stream.ts";
export type { Origins } from "./streams/packet.ts";
export type { StreamWatcher } from "./streams/watch-stream.ts";
export type { Overflow } from "./streams/window.ts";
export { SKIP } from "./streams/window.ts";
export type { ErrorCode, ParrotErrorOptions } from "./errors/parrot-error.ts";
export type { Failure, FailureCode, FailureStage } from "./errors/failure.ts";
export type { AsRow, Row } from "./items/row.ts";
export type { Cut, Shortening } from "./items/shortening.ts";
export type { Stage } from "./streams/stage.ts";
export type { Usage } from "./items/usage.ts";
