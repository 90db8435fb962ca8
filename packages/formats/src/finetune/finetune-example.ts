import { cellText, getCell, missingColumns, ParrotError, type Row } from "@parallel-parrot/core";
import {
  checkColumns,
  compilePrompt,
  RenderError,
  type PromptTemplate,
  type TextTemplate,
} from "@parallel-parrot/template";
import { readConversation, type TrainingMessage } from "./conversation.ts";
import { formProblem, type FinetuneForm, type TrainingExample } from "./finetune-form.ts";

/** What an example is made of: `prompt` and `completion`, or `messages`. */
export interface ExampleOptions {
  /** Column with what the user says. */
  readonly prompt?: string;
  /** Column with what the model should answer. */
  readonly completion?: string;
  /**
   * Column with a conversation, in place of `prompt`: a list of messages, or its JSON text. It ends with the answer,
   * where `completion` does not have that.
   */
  readonly messages?: string;
  /** Column with an answer that is worse than the other, to learn from pairs of them (DPO). @default none */
  readonly rejected?: string;
  /**
   * System message of every example that has none of its own: a template over the row as in prompts, `$$` being a
   * dollar sign, or a function of the row. Left out where it renders to nothing. @default none
   */
  readonly system?: TextTemplate;
  /** Whose form the files have, whose checks hold too; `"trl"` is that of Hugging Face. @default "openai" */
  readonly form?: FinetuneForm;
}

/** Why a row gives no example. A closed set: match on it. */
export type SkipReason =
  /** The prompt or an answer is empty or has no text, or the row lacks its column. */
  | "EMPTY_CELL"
  /** The conversation is none, or one that the vendor would refuse. */
  | "INVALID_CONVERSATION"
  /** The rejected answer is the same as the other. */
  | "EQUAL_ANSWERS"
  /** The system message names a value that this row lacks. */
  | "MISSING_VALUE"
  /** The system message is a function that threw, or a cell of it has no text. */
  | "TEMPLATE_FAILED"
  /** The example has more tokens than are allowed. */
  | "TOO_LONG";

/** The example of a row, or why there is none. */
export type RowExample =
  | {
      readonly ok: true;
      readonly example: TrainingExample;
      /** Whether half of a character in it was replaced by U+FFFD. */
      readonly isMended: boolean;
    }
  | { readonly ok: false; readonly reason: SkipReason; readonly message: string };

type Skipped = Extract<RowExample, { ok: false }>;

/** The options that name a column. */
const COLUMN_OPTIONS = ["prompt", "messages", "completion", "rejected"] as const;

/** Makes the examples of many rows. */
export class ExampleMaker {
  readonly #options: ExampleOptions;
  readonly #form: FinetuneForm;
  readonly #template: PromptTemplate;
  readonly #prompt: ReturnType<typeof compilePrompt<Row>>;

  /** @throws ParrotError `INVALID_TEMPLATE`; `INVALID_OPTION` where columns are missing or too many */
  constructor(options: ExampleOptions) {
    const { system, prompt, messages, completion } = options;
    if ((prompt === undefined) === (messages === undefined))
      throw notClear("prompt", "name the column of the prompt, or that of the conversation by messages");
    if (prompt !== undefined && completion === undefined)
      throw notClear("completion", "name the column of what the model should answer");
    this.#options = options;
    this.#form = options.form ?? "openai";
    this.#template = {
      user: (row) => (prompt === undefined ? "-" : textOf(row, prompt)),
      ...(system !== undefined && { system }),
    };
    this.#prompt = compilePrompt<Row>(this.#template);
  }

  /**
   * Checks that a row has all columns that examples need.
   *
   * @throws ParrotError `MISSING_COLUMN`
   */
  requireColumns(row: Row): void {
    const columns = Object.keys(row);
    for (const option of COLUMN_OPTIONS) {
      const column = this.#options[option];
      if (column === undefined || columns.includes(column)) continue;
      const problem = `Cannot write fine-tuning examples: the first row has no column`;
      throw missingColumns(problem, [column], columns, { option, row: 0 });
    }
    checkColumns(this.#template, columns);
  }

  make(row: Row, index: number): RowExample {
    const { prompt, messages, completion, rejected } = this.#options;
    for (const column of [prompt, completion, rejected]) {
      const problem = column === undefined ? undefined : cellProblem(row, column);
      if (problem !== undefined) return { ok: false, reason: "EMPTY_CELL", message: problem };
    }
    try {
      const rendered = this.#prompt.render(row, index);
      const own = messages === undefined ? undefined : readMessages(row, messages);
      if (own?.ok === false) return own;
      const asked = rendered.prompt.messages.map(({ role, content }) => ({ role, content }));
      const start = own === undefined ? asked : withSystem(asked, own.messages);
      const given = [...start, ...this.#answerOf(row, completion)];
      const answer = given.pop();
      const worse = this.#answerOf(row, rejected)[0];
      const isMended =
        rendered.warnings !== undefined ||
        own?.isMended === true ||
        [completion, rejected].some((column) => column !== undefined && !textOf(row, column).isWellFormed());
      return this.#checked(given, answer, worse, isMended);
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      return { ok: false, reason: error.code, message: error.message };
    }
  }

  #answerOf(row: Row, column: string | undefined): readonly TrainingMessage[] {
    return column === undefined ? [] : [{ role: "assistant", content: textOf(row, column).toWellFormed() }];
  }

  #checked(
    before: readonly TrainingMessage[],
    answer: TrainingMessage | undefined,
    rejected: TrainingMessage | undefined,
    isMended: boolean,
  ): RowExample {
    if (answer === undefined) return invalid("its conversation has no messages");
    const example: TrainingExample = { before, answer, ...(rejected === undefined ? {} : { rejected }) };
    const problem = formProblem(this.#form, example);
    if (problem !== undefined) return invalid(problem);
    if (rejected !== undefined && rejected.content === answer.content)
      return { ok: false, reason: "EQUAL_ANSWERS", message: "its rejected answer is the same as the other" };
    return { ok: true, example, isMended };
  }
}

function notClear(option: string, words: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot write fine-tuning examples: ${words}`, { option });
}

function invalid(message: string): Skipped {
  return { ok: false, reason: "INVALID_CONVERSATION", message };
}

function readMessages(
  row: Row,
  column: string,
):
  | Skipped
  | { readonly ok: true; readonly messages: readonly TrainingMessage[]; readonly isMended: boolean } {
  const read = readConversation(getCell(row, column));
  return read.ok ? read : invalid(`its column ${JSON.stringify(column)} ${read.problem}`);
}

/** A conversation that has no system message gets the one that is rendered. */
function withSystem(
  rendered: readonly TrainingMessage[],
  messages: readonly TrainingMessage[],
): readonly TrainingMessage[] {
  return messages.some((message) => isSystem(message))
    ? messages
    : [...rendered.filter((message) => isSystem(message)), ...messages];
}

function isSystem({ role }: TrainingMessage): boolean {
  return role === "system" || role === "developer";
}

/** Why a cell cannot be one side of an example. */
function cellProblem(row: Row, column: string): string | undefined {
  const name = JSON.stringify(column);
  if (!Object.hasOwn(row, column)) return `it has no column ${name}`;
  try {
    return textOf(row, column).trim() === "" ? `its column ${name} is empty` : undefined;
  } catch {
    return `its column ${name} cannot be written as text`;
  }
}

function textOf(row: Row, column: string): string {
  return cellText(getCell(row, column)) ?? "";
}
