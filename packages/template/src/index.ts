export { checkColumns, columnsOf } from "./prompt/check-columns.ts";
export { compilePrompt } from "./prompt/compile-prompt.ts";
export { IMAGE_OPTIONS } from "./images/image-options.ts";
export { parseTemplate } from "./text/parse-template.ts";
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
export { promptItem, renderPrompt } from "./prompt/render-prompt.ts";
export { requireRow } from "./prompt/require-row.ts";
export { renderTemplate } from "./text/render-template.ts";
export { template } from "./text/tagged-template.ts";
export type { ImageOptions } from "./images/image-stream.ts";
export type { CompiledPrompt } from "./prompt/compile-prompt.ts";
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
} from "./prompt/prompt-template.ts";
export type {
  PairsOptions,
  ReadyMadeOptions,
  ReadyMadePrompt,
  SentimentOptions,
  SummaryOptions,
} from "./ready-made-prompts.ts";
export type { Placeholder, Template } from "./text/template.ts";
export type { TemplateColumns } from "./text/template-columns.ts";
