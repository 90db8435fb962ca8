import { confuseRows } from "../answers/several-rows.ts";
import { withThoughts } from "../answers/answer-request.ts";
import type { Dialect, FilterForms, SimAnswer, SimChoice, SimError, SimRequest } from "../dialect.ts";
import type { AnswerFault, DeliveryFault, Fault } from "./fault.ts";
import { isStreamFault } from "./stream-fault.ts";
import { changeEnumCase } from "./enum-case.ts";
import { countTokens } from "../tokens.ts";

const ANSWER_FAULTS: ReadonlySet<string> = new Set<AnswerFault["kind"]>([
  "badContent",
  "cacheHit",
  "contentFilter",
  "contentList",
  "delay",
  "emptyChoices",
  "emptyContent",
  "enumCase",
  "errorInside",
  "failed",
  "lengthCutOff",
  "refusal",
  "rowsConfused",
  "stream",
  "streamBreak",
  "streamError",
  "streamOnly",
  "thinking",
  "unsupportedParameter",
  "wrapped",
]);

const DELIVERY_FAULTS: ReadonlySet<string> = new Set<DeliveryFault["kind"]>([
  "answerLost",
  "bigHeaders",
  "blankLines",
  "byteOrderMark",
  "charset",
  "contentEncoding",
  "drip",
  "gzip",
  "hugeBody",
  "invalidJson",
  "resetMidBody",
  "stallBody",
  "openEnd",
  "truncate",
]);

export function isAnswerFault(fault: Fault): fault is AnswerFault {
  return ANSWER_FAULTS.has(fault.kind);
}

export function isDeliveryFault(fault: Fault): fault is DeliveryFault {
  return DELIVERY_FAULTS.has(fault.kind);
}

/** Whether a fault has an effect on a request. */
export function concerns(fault: Fault | undefined, { params, streams }: SimRequest): boolean {
  if (fault?.kind === "streamOnly") return streams !== true;
  return fault?.kind !== "unsupportedParameter" || Object.hasOwn(params, fault.name);
}

/** The error that a fault causes instead of an answer; `undefined` if the model answers. */
export function errorOfFault(
  fault: Fault | undefined,
  { model }: SimRequest,
  { filters }: Dialect,
): SimError | undefined {
  if (fault?.kind === "streamOnly")
    return { kind: "badRequest", message: fault.message ?? "Stream must be set to true" };
  if (fault?.kind === "unsupportedParameter") return { kind: fault.kind, model, param: fault.name };
  if (fault?.kind !== "contentFilter") return undefined;
  return formOfFilter(fault, filters) === "error" ? { kind: fault.kind } : undefined;
}

/** Says why a fault cannot happen in an API; `undefined` if it can. */
export function impossibility(
  fault: Fault | undefined,
  { name, filters, stream }: Dialect,
): string | undefined {
  if (isStreamFault(fault) && stream === undefined)
    return `The API "${name}" does not stream: the fault ${fault.kind} cannot happen in it`;
  if (fault?.kind !== "contentFilter" || formOfFilter(fault, filters) !== "none") return undefined;
  const { at = "answer" } = fault;
  return `The API "${name}" has no filter of ${at}s: the fault contentFilter at "${at}" cannot happen in it`;
}

const FILTERS: FilterForms = { prompt: "error", answer: "finish" };

function formOfFilter(
  { at = "answer" }: Extract<AnswerFault, { kind: "contentFilter" }>,
  filters: FilterForms = FILTERS,
): FilterForms["answer"] {
  return filters[at];
}

/** Changes an answer as the fault says. */
export function applyAnswerFault(answer: SimAnswer, fault: AnswerFault, { shape }: SimRequest): SimAnswer {
  switch (fault.kind) {
    case "delay":
    case "errorInside":
    case "stream":
    case "streamBreak":
    case "streamError":
    case "streamOnly":
    case "unsupportedParameter":
    case "wrapped":
      return answer;
    case "cacheHit":
      return { ...answer, cachedTokens: Math.min(fault.tokens, answer.inputTokens) };
    case "contentList":
      return { ...answer, contentIsList: true };
    case "emptyChoices":
      return withChoices(answer, []);
    case "failed":
      return withChoices(
        answer,
        answer.choices.map(() => ({ text: "", finish: "failed" })),
      );
    case "thinking":
      return withThoughts(answer, fault.tokens);
    case "rowsConfused": {
      const confuse = (choice: SimChoice) => ({ ...choice, text: confuseRows(choice.text, fault.form) });
      return withChoices(answer, answer.choices.map(confuse));
    }
    case "enumCase": {
      const schema = shape.type === "jsonSchema" ? shape.schema : undefined;
      const recase = (choice: SimChoice) => ({ ...choice, text: changeEnumCase(choice.text, schema) });
      return withChoices(answer, answer.choices.map(recase));
    }
    case "badContent":
    case "contentFilter":
    case "emptyContent":
    case "lengthCutOff":
    case "refusal":
    default:
      return withChoices(
        answer,
        answer.choices.map((choice) => spoilChoice(choice, fault)),
      );
  }
}

function withChoices(answer: SimAnswer, choices: readonly SimChoice[]): SimAnswer {
  const outputTokens = choices.reduce((sum, { text }) => sum + countTokens(text), 0);
  return { ...answer, choices, outputTokens };
}

type ChoiceFault = Extract<
  AnswerFault,
  { kind: "badContent" | "contentFilter" | "emptyContent" | "lengthCutOff" | "refusal" }
>;

function spoilChoice({ text, finish }: SimChoice, fault: ChoiceFault): SimChoice {
  if (fault.kind === "refusal") return { text: "I'm sorry, but I can't help with that.", finish: "refusal" };
  if (fault.kind === "contentFilter") return { text: "", finish: "contentFilter" };
  if (fault.kind === "lengthCutOff") return { text: firstHalf(text), finish: "length" };
  if (fault.kind === "emptyContent") return { text: "", finish: "stop" };
  return { text: BAD_FORMS[fault.form ?? "wrongShape"](text), finish };
}

function firstHalf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2)).toWellFormed();
}

type BadForm = NonNullable<Extract<AnswerFault, { kind: "badContent" }>["form"]>;

const BAD_FORMS: Readonly<Record<BadForm, (text: string) => string>> = {
  wrongShape: () => '{"unexpected":{"shape":[null,1,"two"]}}',
  prose: (text) => `Sure! Here is what you asked for:\n\n${text}\n\nLet me know if you need anything else.`,
  fences: (text) => `\`\`\`json\n${text}\n\`\`\``,
  brokenJson: (text) => `${firstHalf(text)},,`,
  notJson: () => "I am not sure what you mean.",
};
