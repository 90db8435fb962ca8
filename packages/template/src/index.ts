export { checkColumns, columnsOf } from "./check-columns.ts";
export { compilePrompt } from "./compile-prompt.ts";
export { IMAGE_OPTIONS } from "./image-options.ts";
export { parseTemplate } from "./parse-template.ts";
export { promptStream } from "./prompt-stream.ts";
export {
  questionAnswerPairs,
  questionFromDocument,
  removePersonalData,
  sentiment,
  summary,
  titleSummaryPairs,
} from "./ready-made-prompts.ts";
export { RenderError } from "./render-error.ts";
export { promptItem, renderPrompt } from "./render-prompt.ts";
export { requireRow } from "./require-row.ts";
export { renderTemplate } from "./render-template.ts";
export { template } from "./tagged-template.ts";
export type { ImageOptions } from "./image-stream.ts";
export type { CompiledPrompt } from "./compile-prompt.ts";
export type { RenderedPrompt } from "./rendered-prompt.ts";
export type { PromptStreamOptions } from "./prompt-stream.ts";
export type {
  ChatTemplate,
  ExampleTemplate,
  MessagesTemplate,
  MessageTemplate,
  PromptFunction,
  PromptTemplate,
  TextTemplate,
} from "./prompt-template.ts";
export type {
  PairsOptions,
  ReadyMadeOptions,
  ReadyMadePrompt,
  SentimentOptions,
  SummaryOptions,
} from "./ready-made-prompts.ts";
export type { Placeholder, Template } from "./template.ts";
export type { TemplateColumns } from "./template-columns.ts";
