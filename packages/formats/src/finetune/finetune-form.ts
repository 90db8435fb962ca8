import { isRecord } from "@parallel-parrot/core";
import type { TrainingMessage } from "./conversation.ts";

/** Whose form training files have. */
export type FinetuneForm = "openai" | "mistral" | "together" | "gemini" | "trl";

/** What is learned from one row: the answer to what comes before it, perhaps rather than another answer. */
export interface TrainingExample {
  readonly before: readonly TrainingMessage[];
  readonly answer: TrainingMessage;
  readonly rejected?: TrainingMessage;
}

/** What a vendor takes. */
interface FormEntry {
  readonly roles: readonly string[];
  /** Whether user and assistant have to take turns, the user first. */
  readonly alternates: boolean;
  /** The fewest examples of a training file. */
  readonly minExamples: number;
  /** The line of an example. */
  readonly chat: (example: TrainingExample) => unknown;
  /** The line of an example with a rejected answer; absent where the vendor does not learn from such. */
  readonly preference?: (example: TrainingExample) => unknown;
}

const CHAT = ({ before, answer }: TrainingExample): unknown => ({ messages: [...before, answer] });

const OPENAI_PREFERENCE = ({ before, answer, rejected }: TrainingExample): unknown => ({
  input: { messages: before },
  preferred_output: [answer],
  non_preferred_output: [rejected],
});

/** The forms, as the vendors document them. */
export const FINETUNE_FORMS: Readonly<Record<FinetuneForm, FormEntry>> = {
  openai: {
    roles: ["system", "developer", "user", "assistant", "tool"],
    alternates: false,
    minExamples: 10,
    chat: CHAT,
    preference: OPENAI_PREFERENCE,
  },
  mistral: {
    roles: ["system", "user", "assistant", "tool"],
    alternates: true,
    minExamples: 1,
    chat: CHAT,
  },
  together: {
    roles: ["system", "user", "assistant", "tool"],
    alternates: true,
    minExamples: 1,
    chat: CHAT,
    preference: OPENAI_PREFERENCE,
  },
  gemini: {
    roles: ["system", "user", "assistant"],
    alternates: true,
    minExamples: 1,
    chat({ before, answer }) {
      const parts = systemParts(before);
      return {
        ...(parts.length === 0 ? {} : { systemInstruction: { role: "system", parts } }),
        contents: geminiContents([...before, answer]),
      };
    },
    // Google writes the name of the system's message in another way here.
    preference({ before, answer, rejected }) {
      const parts = systemParts(before);
      return {
        ...(parts.length === 0 ? {} : { system_instruction: { parts } }),
        contents: geminiContents(before),
        completions: [
          { score: 1, completion: geminiContent(answer) },
          { score: 0, completion: geminiContent(rejected ?? answer) },
        ],
      };
    },
  },
  trl: {
    roles: ["system", "user", "assistant", "tool"],
    alternates: false,
    minExamples: 1,
    chat: CHAT,
    preference: ({ before, answer, rejected }) => ({
      prompt: before,
      chosen: [answer],
      rejected: [rejected],
    }),
  },
};

function systemParts(messages: readonly TrainingMessage[]): readonly object[] {
  return messages.filter(({ role }) => role === "system").map(({ content }) => ({ text: content }));
}

function geminiContents(messages: readonly TrainingMessage[]): readonly object[] {
  return messages.filter(({ role }) => role !== "system").map((message) => geminiContent(message));
}

function geminiContent({ role, content }: TrainingMessage): object {
  return { role: role === "assistant" ? "model" : role, parts: [{ text: content }] };
}

/** What a vendor would refuse about an example; `undefined` where it takes it. */
export function formProblem(
  form: FinetuneForm,
  { before, answer, rejected }: TrainingExample,
): string | undefined {
  const messages = [...before, answer, ...(rejected === undefined ? [] : [rejected])];
  for (const [place, message] of messages.entries()) {
    const problem = messageProblem(form, message);
    if (problem !== undefined) return `message ${place + 1} ${problem}`;
  }
  if (answer.role !== "assistant")
    return `it ends with ${answer.role}, and what is learned is the assistant's answer`;
  if (before.length === 0) return "it has nothing before its answer";
  return FINETUNE_FORMS[form].alternates ? turnProblem([...before, answer]) : undefined;
}

function messageProblem(
  form: FinetuneForm,
  { role, content, ...others }: TrainingMessage,
): string | undefined {
  const { roles } = FINETUNE_FORMS[form];
  if (!roles.includes(role))
    return `has the role ${JSON.stringify(role)}, and ${form} takes ${roles.join(", ")}`;
  const isCall = Array.isArray(others["tool_calls"]) && others["tool_calls"].length > 0;
  if (form === "gemini" && (isCall || typeof content !== "string"))
    return "is more than text, of which the form gemini is not known";
  const isFull = typeof content === "string" ? content.trim() !== "" : isParts(content);
  return isFull || (isCall && role === "assistant") ? undefined : "is empty";
}

function isParts(content: unknown): boolean {
  return Array.isArray(content) && content.length > 0 && content.every((part) => isRecord(part));
}

/** After a system message, user and assistant must take turns. Calls of tools have turns of their own. */
function turnProblem(messages: readonly TrainingMessage[]): string | undefined {
  if (messages.some(({ role, tool_calls: calls }) => role === "tool" || calls !== undefined))
    return undefined;
  const start = messages[0]?.role === "system" ? 1 : 0;
  const wrong = messages.findIndex(
    ({ role }, place) => place >= start && role !== ((place - start) % 2 === 0 ? "user" : "assistant"),
  );
  if (wrong === -1) return undefined;
  const expected = (wrong - start) % 2 === 0 ? "user" : "assistant";
  return `message ${wrong + 1} is of ${messages[wrong]?.role}, and the turn is that of ${expected}`;
}
