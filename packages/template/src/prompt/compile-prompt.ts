import {
  isObject,
  type Message,
  ParrotError,
  type Prompt,
  type Prompted,
  type PromptPrefix,
  quote,
  quoteAll,
  type Row,
  type Shortening,
} from "@parallel-parrot/core";
import { emptyMessage, roleProblem, withoutEmptySystem } from "./check-messages.ts";
import { parseLabelled } from "../text/parse-template.ts";
import type {
  ChatTemplate,
  MessagesTemplate,
  MessageTemplate,
  PromptFunction,
  PromptTemplate,
  TextTemplate,
} from "./prompt-template.ts";
import { callTemplate, describeResult, readMessages } from "./prompt-function.ts";
import type { ImageReference } from "../images/image-reference.ts";
import { mendMessages } from "./mend-messages.ts";
import { prefixOf, type PrefixTurn } from "./prompt-prefix.ts";
import { RenderError } from "../render-error.ts";
import { fillTemplate, renderTemplate, ofRow } from "../text/render-template.ts";
import type { ShortCells } from "../shorten/short-cells.ts";
import type { RenderedPrompt } from "../rendered-prompt.ts";
import { shortenPrompt, type Render } from "../shorten/shorten-prompt.ts";
import type { Template } from "../text/template.ts";

/** A prompt template with its texts parsed, for rendering many rows. */
export interface CompiledPrompt<R extends Row = Row> {
  /** The columns and paths that it needs, each once. One with a default is not needed. */
  readonly columns: readonly string[];
  /** Whether the template names images. They are addresses and names of files, which are read later. */
  readonly hasImages: boolean;
  /** @throws RenderError `MISSING_VALUE` or `TEMPLATE_FAILED` where the row has no prompt. */
  render(row: R, index: number): RenderedPrompt;
  /**
   * Renders the prompt of an item again with its longest cells cut, so that its texts have at most so many characters.
   * A function is given the row with its texts cut.
   */
  shorten(item: Prompted<R>, characters: number): Shortening;
}

/**
 * Parses a prompt template once.
 *
 * @throws ParrotError `INVALID_TEMPLATE` where a text has a stray `$` or the template is none of the forms.
 */
export function compilePrompt<R extends Row>(prompt: PromptTemplate<R>): CompiledPrompt<R> {
  if (typeof prompt === "function") return compileFunction(prompt);
  const turns = turnsOf(prompt).map((turn) => compileTurn(turn));
  const prefix = prefixOf(turns);
  const render: Render<R> = (row, index, cells) => {
    const filled = turns.map((turn) => renderTurn(turn, row, index, cells));
    return checked(filled, { row, index, prefix });
  };
  return {
    hasImages: turns.some(({ images }) => images.length > 0),
    columns: [...new Set(turns.flatMap(({ columns }) => columns))],
    ...renderedBy(render),
  };
}

function renderedBy<R extends Row>(render: Render<R>): Pick<CompiledPrompt<R>, "render" | "shorten"> {
  return {
    render: (row, index) => render(row, index),
    shorten: (item, characters) => shortenPrompt(render, item, characters),
  };
}

function compileFunction<R extends Row>(prompt: PromptFunction<R>): CompiledPrompt<R> {
  const render: Render<R> = (row, index, cells) =>
    checked(readMessages(callTemplate(prompt, cells?.row ?? row, index), index), { row, index });
  return { columns: [], hasImages: false, ...renderedBy(render) };
}

interface RenderedFrom {
  readonly row: Row;
  readonly index: number;
  /** What the prompts of all rows share. @default not known */
  readonly prefix?: PromptPrefix | undefined;
}

function checked(rendered: readonly Message[], { row, index, prefix }: RenderedFrom): RenderedPrompt {
  const filled = withoutEmptySystem(rendered);
  const empty = emptyMessage(filled);
  if (empty === undefined) {
    const { messages, warnings } = mendMessages(filled, row);
    const prompt: Prompt = prefix === undefined ? { messages } : { messages, prefix };
    return warnings === undefined ? { prompt } : { prompt, warnings };
  }
  throw new RenderError("TEMPLATE_FAILED", `Cannot render the prompt${ofRow(index)}: ${empty}`);
}

/** A message to compile, and its name in errors. */
interface Turn<R extends Row> extends MessageTemplate<R> {
  readonly label: string;
}

function turnsOf<R extends Row>(prompt: Exclude<PromptTemplate<R>, PromptFunction<R>>): readonly Turn<R>[] {
  if (typeof prompt === "string" || isTemplate(prompt)) {
    return [{ role: "user", content: prompt, label: "the template" }];
  }
  if (!isObject(prompt)) {
    throw notAPrompt(prompt === null ? "null" : typeof prompt);
  }
  if ("messages" in prompt) return messageTurns(prompt);
  if ("user" in prompt) return chatTurns(prompt);
  throw notAPrompt(`an object with the keys ${quoteAll(Object.keys(prompt))}`);
}

function messageTurns<R extends Row>({ messages }: MessagesTemplate<R>): readonly Turn<R>[] {
  const problem = Array.isArray(messages) ? roleProblem(messages) : "messages is not a list";
  if (problem !== undefined) {
    throw new ParrotError("INVALID_TEMPLATE", `Cannot read the prompt: ${problem}`);
  }
  return messages.map((message, position) => ({ ...message, label: `messages[${position}].content` }));
}

function chatTurns<R extends Row>({
  system,
  user,
  images,
  examples = [],
}: ChatTemplate<R>): readonly Turn<R>[] {
  const turns: Turn<R>[] = [];
  if (system !== undefined) turns.push({ role: "system", content: system, label: "system" });
  for (const [position, example] of examples.entries()) {
    const label = `examples[${position}]`;
    turns.push({ role: "user", content: example.user, label: `${label}.user` });
    turns.push({ role: "assistant", content: example.assistant, label: `${label}.assistant` });
  }
  turns.push({ role: "user", content: user, label: "user", ...(images !== undefined && { images }) });
  return turns;
}

interface CompiledText<R extends Row> {
  readonly columns: readonly string[];
  /** The text before the first place that a row fills. */
  readonly beginning: string;
  /** Whether that is all of it. */
  readonly isConstant: boolean;
  readonly render: (row: R, index: number, cells?: ShortCells<R>) => string;
}

interface CompiledTurn<R extends Row> extends CompiledText<R>, PrefixTurn {
  readonly role: Message["role"];
  readonly images: readonly CompiledText<R>[];
}

function compileTurn<R extends Row>({ role, content, images = [], label }: Turn<R>): CompiledTurn<R> {
  if (images.length > 0 && role !== "user") {
    throw new ParrotError(
      "INVALID_TEMPLATE",
      `Cannot read the prompt: ${label} belongs to a message of the role ${role}; only user messages can have images`,
    );
  }
  const text = compileText(content, label);
  const compiled = images.map((image, position) => compileText(image, `images[${position}] of ${label}`));
  const columns = [text, ...compiled].flatMap((part) => part.columns);
  // The text of a message comes before its images.
  return { ...text, role, columns, isConstant: text.isConstant && compiled.length === 0, images: compiled };
}

function renderTurn<R extends Row>(
  { role, render, images }: CompiledTurn<R>,
  row: R,
  index: number,
  cells: ShortCells<R> | undefined,
): Message {
  const content = render(row, index, cells);
  if (images.length === 0) return { role, content };
  return { role, content, images: images.map((image) => referTo(image, row, index)) };
}

function referTo<R extends Row>({ columns, render }: CompiledText<R>, row: R, index: number): ImageReference {
  return { url: render(row, index), columns: columns.map(quote).join(", ") };
}

function compileText<R extends Row>(content: TextTemplate<R>, label: string): CompiledText<R> {
  if (typeof content === "function") {
    return {
      columns: [],
      beginning: "",
      isConstant: false,
      render: (row, index, cells) => callText(content, cells?.row ?? row, index, label),
    };
  }
  if (typeof content !== "string" && !isTemplate(content)) {
    throw new ParrotError(
      "INVALID_TEMPLATE",
      `Cannot read the prompt: ${label} is ${typeof content}, not text`,
    );
  }
  const template: Template<string> = typeof content === "string" ? parseLabelled(content, label) : content;
  const [first = ""] = template.parts;
  return {
    beginning: typeof first === "string" ? first : "",
    isConstant: template.parts.every((part) => typeof part === "string"),
    columns: template.parts.flatMap((part) =>
      typeof part === "string" || part.fallback !== undefined ? [] : [part.name],
    ),
    render: (row, index, cells) =>
      cells === undefined
        ? renderTemplate(template, row, index)
        : fillTemplate(template, (placeholder) => cells.textOf(placeholder)),
  };
}

function callText<R extends Row>(
  content: Extract<TextTemplate<R>, (row: R, index: number) => string>,
  row: R,
  index: number,
  label: string,
): string {
  const text: unknown = callTemplate(content, row, index);
  if (typeof text === "string") return text;
  throw new RenderError(
    "TEMPLATE_FAILED",
    `Cannot render the prompt${ofRow(index)}: the function ${label} returned ${describeResult(text)}; expected a text`,
  );
}

function isTemplate(prompt: unknown): prompt is Template<string> {
  return isObject(prompt) && "parts" in prompt;
}

function notAPrompt(given: string): ParrotError {
  return new ParrotError(
    "INVALID_TEMPLATE",
    `Cannot read the prompt: expected a text, a function, { user, system?, examples? } or { messages }, got ${given}`,
  );
}
