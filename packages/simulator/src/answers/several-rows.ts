import type { SimMessage, SimRequest, SimShape } from "../dialect.ts";
import { schemaFromInstructions } from "./json/schema-from-instructions.ts";
import { isObject, objectsIn, own, parseJson } from "../json-value.ts";

/** One of several rows that a request asks for. */
export interface RowRequest {
  readonly id: string;
  /** The request that would ask for this row alone. */
  readonly request: SimRequest;
}

const ROWS = /<request id="(\w+)">\n([\s\S]*?)\n<\/request id="\1">/g;
/** The sentences between what the rows share and the first of them. */
const INTRODUCTION = /(?:^|\n\n)Here are \d+ separate requests, each between two lines with its id\./;

/** The rows that a request asks for, where there are several, each between two lines with its id. */
export function rowsOf(request: SimRequest): readonly RowRequest[] {
  const { messages, shape } = request;
  const last = messages.at(-1);
  const text = last?.parts.join("") ?? "";
  const introduced = last?.role === "user" ? INTRODUCTION.exec(text) : null;
  if (introduced === null) return [];
  // An API without schemas is told in words, before or after the rows.
  const words = messages
    .flatMap(({ parts }) => parts)
    .join("\n")
    .replaceAll(ROWS, "");
  const answer = answerSchema(shape.type === "jsonSchema" ? shape.schema : schemaFromInstructions(words));
  if (answer === undefined) return [];
  const shared = text.slice(0, introduced.index);
  const before = messages.slice(0, -1);
  const own = answer.type === "text" ? before.flatMap(withoutWordsOfList) : before;
  return Array.from(text.matchAll(ROWS), ([, id = "", said = ""]): RowRequest => {
    const message: SimMessage = { role: "user", parts: [`${shared}${said}`] };
    return {
      id,
      request: { ...request, n: 1, messages: [...own, message], shape: answer },
    };
  });
}

/** A message as the request for one text would have it: without the paragraphs that ask for a list of answers in JSON. */
function withoutWordsOfList(message: SimMessage): readonly SimMessage[] {
  const text = message.parts.join("");
  if (!asksForList(text)) return [message];
  const left = text.split("\n\n").filter((part) => !(/\bJSON\b/i.test(part) || asksForList(part)));
  return left.length === 0 ? [] : [{ ...message, parts: [left.join("\n\n")] }];
}

function asksForList(text: string): boolean {
  return answerSchema(schemaFromInstructions(text)) !== undefined;
}

/** The shape of one answer in a list of answers with ids. */
function answerSchema(schema: unknown): SimShape | undefined {
  const list = propertyOf(schema, "answers");
  const answer = propertyOf(isObject(list) ? own(list, "items") : undefined, "answer");
  if (!isObject(schema) || !isObject(answer)) return undefined;
  if (answer["type"] === "string" && Object.keys(answer).length === 1) return { type: "text" };
  const definitions = own(schema, "$defs");
  return { type: "jsonSchema", schema: { ...answer, ...(isObject(definitions) && { $defs: definitions }) } };
}

function propertyOf(schema: unknown, name: string): unknown {
  const properties = isObject(schema) ? own(schema, "properties") : undefined;
  return isObject(properties) ? own(properties, name) : undefined;
}

/** The answer to several rows: JSON where an answer is some, else its text. */
export function listAnswers(answers: readonly { readonly id: string; readonly text: string }[]): string {
  return JSON.stringify({
    answers: answers.map(({ id, text }) => ({ id, answer: parseJson(text) ?? text })),
  });
}

/** How a model confuses the answers to several rows. */
export type RowConfusion = "reversed" | "missing" | "doubled" | "foreign";

/** Confuses the answers to several rows: of the first one, where only one is. Any other text stays as it is. */
export function confuseRows(text: string, form: RowConfusion): string {
  const value = parseJson(text);
  const list = objectsIn(isObject(value) ? own(value, "answers") : undefined);
  const [first, ...others] = list;
  if (first === undefined || list.some((each) => own(each, "id") === undefined)) return text;
  const confused = {
    reversed: list.toReversed(),
    missing: others,
    doubled: [...list, first],
    foreign: [{ ...first, id: "nobody" }, ...others],
  };
  return JSON.stringify({ answers: confused[form] });
}
