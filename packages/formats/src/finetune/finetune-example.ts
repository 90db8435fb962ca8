import { cellText, getCell, missingColumns, type Message, type Row } from "@parallel-parrot/core";
import {
  checkColumns,
  compilePrompt,
  RenderError,
  type PromptTemplate,
  type TextTemplate,
} from "@parallel-parrot/template";

/** What an example is made of. */
export interface ExampleOptions {
  /** Column with what the user says. */
  readonly prompt: string;
  /** Column with what the model should answer. */
  readonly completion: string;
  /**
   * System message of every example: a template over the row as in prompts, `$$` being a dollar sign, or a function
   * of the row. Left out where it renders to nothing. @default none
   */
  readonly system?: TextTemplate;
}

/** Why a row gives no example. A closed set: match on it. */
export type SkipReason =
  /** The prompt or the completion is empty or has no text, or the row lacks its column. */
  | "EMPTY_CELL"
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
      readonly messages: readonly Message[];
      /** Whether half of a character in it was replaced by U+FFFD. */
      readonly isMended: boolean;
    }
  | { readonly ok: false; readonly reason: SkipReason; readonly message: string };

/** Makes the examples of many rows. */
export class ExampleMaker {
  readonly #options: ExampleOptions;
  readonly #template: PromptTemplate;
  readonly #prompt: ReturnType<typeof compilePrompt<Row>>;

  /** @throws ParrotError `INVALID_TEMPLATE` */
  constructor(options: ExampleOptions) {
    const { system, prompt } = options;
    this.#options = options;
    this.#template = { user: (row) => textOf(row, prompt), ...(system !== undefined && { system }) };
    this.#prompt = compilePrompt<Row>(this.#template);
  }

  /**
   * Checks that a row has all columns that examples need.
   *
   * @throws ParrotError `MISSING_COLUMN`
   */
  requireColumns(row: Row): void {
    const columns = Object.keys(row);
    for (const option of ["prompt", "completion"] as const) {
      const column = this.#options[option];
      if (columns.includes(column)) continue;
      const problem = `Cannot write fine-tuning examples: the first row has no column`;
      throw missingColumns(problem, [column], columns, { option, row: 0 });
    }
    checkColumns(this.#template, columns);
  }

  make(row: Row, index: number): RowExample {
    const { prompt, completion } = this.#options;
    for (const column of [prompt, completion]) {
      const problem = cellProblem(row, column);
      if (problem !== undefined) return { ok: false, reason: "EMPTY_CELL", message: problem };
    }
    try {
      const { prompt, warnings } = this.#prompt.render(row, index);
      const answer = textOf(row, completion);
      const content = answer.toWellFormed();
      const messages = [...prompt.messages, { role: "assistant" as const, content }];
      return { ok: true, messages, isMended: warnings !== undefined || content !== answer };
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      return { ok: false, reason: error.code, message: error.message };
    }
  }
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
