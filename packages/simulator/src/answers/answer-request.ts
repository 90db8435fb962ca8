import { Content } from "./prose/content.ts";
import type { SimAnswer, SimChoice, SimRequest } from "../dialect.ts";
import { isObject } from "../json-value.ts";
import { readPrompt } from "./read-prompt.ts";
import { valueFor } from "./json/schema-value.ts";
import { listAnswers, rowsOf } from "./several-rows.ts";
import { writeText } from "./prose/text-answer.ts";
import { countTokens, cutToTokens } from "../tokens.ts";
import { schemaFromInstructions } from "./json/schema-from-instructions.ts";

/** What an answer needs besides the request. */
export interface AnswerOptions {
  readonly id: string;
  readonly inputTokens: number;
  /** The number of the first choice among all answers that this request can have. */
  readonly first: number;
  readonly ownAnswer: (request: SimRequest, choice: number) => string | undefined;
}

/** Makes an answer from the words of the request. The same arguments give the same answer. */
export function answerRequest(request: SimRequest, options: AnswerOptions): SimAnswer {
  const { id, inputTokens, first, ownAnswer } = options;
  const rows = rowsOf(request);
  let write: ((index: number) => string) | undefined;
  const choices = Array.from({ length: request.n }, (_, number) => {
    const text =
      rows.length > 0
        ? listAnswers(rows.map((row) => ({ id: row.id, text: textFor(row.request, options) })))
        : (ownAnswer(request, number) ?? (write ??= createWriter(request))(first + number));
    return finish(text, request);
  });
  const outputTokens = choices.reduce((sum, { text }) => sum + countTokens(text), 0);
  const answer: SimAnswer = { id, model: request.model, choices, inputTokens, outputTokens };
  return request.thinks === true ? withThoughts(answer) : answer;
}

/** What one row of several would be answered alone. */
function textFor(row: SimRequest, { ownAnswer, first }: AnswerOptions): string {
  return ownAnswer(row, 0) ?? createWriter(row)(first);
}

const THOUGHTS = "The user wants an answer that follows from the text. I read it and answer.";

/**
 * Adds thoughts to an answer.
 *
 * @param thinkingTokens The tokens of the thoughts of all choices together.
 */
export function withThoughts(answer: SimAnswer, thinkingTokens?: number): SimAnswer {
  const choices = answer.choices.map((choice) => ({ ...choice, thinking: THOUGHTS }));
  return {
    ...answer,
    choices,
    thinkingTokens: thinkingTokens ?? countTokens(THOUGHTS) * choices.length,
  };
}

function createWriter({ messages, shape }: SimRequest): (index: number) => string {
  const { instructions, document } = readPrompt(messages);
  const content = new Content(document);
  const place = (index: number, root: unknown) => ({
    root,
    content,
    key: "",
    index,
    depth: 0,
    count: { values: 0 },
  });
  if (shape.type === "jsonSchema") {
    const { schema } = shape;
    return (index) => JSON.stringify(valueFor(schema, place(index, schema)));
  }
  // A model also answers in JSON if only the words of the prompt ask for it.
  if (shape.type === "text" && !/\bJSON\b/i.test(instructions))
    return (index) => writeText(content, instructions, index);
  const schema = schemaFromInstructions(instructions);
  const isObjectWanted = shape.type === "jsonObject" && schema["type"] !== "object";
  return (index) => {
    const value = valueFor(schema, place(index, schema));
    return JSON.stringify(isObjectWanted && !isObject(value) ? { items: value } : value);
  };
}

function finish(text: string, { stop, maxTokens }: SimRequest): SimChoice {
  let end = text.length;
  let stopText: string | undefined;
  for (const word of stop) {
    const at = word === "" ? -1 : text.indexOf(word);
    if (at === -1 || at >= end) continue;
    end = at;
    stopText = word;
  }
  const stopped = text.slice(0, end);
  const cut = maxTokens === undefined ? stopped : cutToTokens(stopped, maxTokens);
  if (cut.length < stopped.length) return { text: cut, finish: "length" };
  return { text: cut, finish: "stop", ...(stopText !== undefined && { stopText }) };
}
