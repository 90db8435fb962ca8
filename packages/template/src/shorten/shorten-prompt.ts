import { isDeepStrictEqual } from "node:util";
import {
  rowName,
  type Cut,
  type Message,
  type Prompt,
  type Prompted,
  type Row,
  type Shortening,
} from "@parallel-parrot/core";
import { RenderError } from "../render-error.ts";
import type { RenderedPrompt } from "../rendered-prompt.ts";
import { ShortCells } from "./short-cells.ts";

/** Renders the prompt of a row, with its cells as they are or with shorter ones. */
export type Render<R extends Row> = (row: R, index: number, cells?: ShortCells<R>) => RenderedPrompt;

/**
 * Renders a prompt again so that its messages have at most so many characters. The longest cells are cut, all to the
 * same length. The template's own words are not cut, and images stay.
 */
export function shortenPrompt<R extends Row>(
  render: Render<R>,
  { row, index, prompt }: Prompted<R>,
  characters: number,
): Shortening {
  const whole = renderOr(() => render(row, index).prompt);
  if (whole instanceof RenderError || !isAlike(whole, prompt))
    return no("it is no longer what its template makes of its row");
  const cells = new ShortCells(row, index);
  const renderAt = (limit: number): Prompt | RenderError => {
    cells.limit = limit;
    return renderOr(() => withImages(render(row, index, cells).prompt, { whole, prompt, index }));
  };
  // The cells that a template uses are known when it has been rendered once.
  renderAt(Number.POSITIVE_INFINITY);
  const found = findLongest(renderAt, cells.longest, characters);
  if (found instanceof RenderError) return no(`its template fails with shorter cells: ${found.message}`);
  if (found === undefined || charactersOf(found.prompt) >= charactersOf(prompt))
    return no("it contains no text of a column, and the template's own words are never cut");
  return { ok: true, prompt: found.prompt, cuts: cutsOf(cells, found, renderAt) };
}

interface Found {
  readonly limit: number;
  readonly prompt: Prompt;
}

/** The prompt with its cells as long as possible; where it is never short enough, with cells as short as possible. */
function findLongest(
  renderAt: (limit: number) => Prompt | RenderError,
  longest: number,
  characters: number,
): Found | RenderError | undefined {
  let fitting: Found | undefined;
  let shortest: Found | undefined;
  let problem: RenderError | undefined;
  let [low, high] = [-1, longest];
  while (high - low > 1) {
    const limit = Math.floor((low + high) / 2);
    const prompt = renderAt(limit);
    if (prompt instanceof RenderError) {
      // Such as a message that has become empty.
      problem ??= prompt;
      low = limit;
    } else if (charactersOf(prompt) <= characters) {
      fitting = { limit, prompt };
      low = limit;
    } else {
      shortest = { limit, prompt };
      high = limit;
    }
  }
  return fitting ?? shortest ?? problem;
}

/** The cuts that show in the prompt. A function may use only some of the texts of the row. */
function cutsOf<R extends Row>(
  cells: ShortCells<R>,
  { limit, prompt }: Found,
  renderAt: (limit: number) => Prompt | RenderError,
): readonly Cut[] {
  cells.limit = limit;
  return cells.cuts().filter(({ column }) => {
    cells.spared = column;
    const without = renderAt(limit);
    cells.spared = undefined;
    return without instanceof RenderError || !isAlike(without, prompt);
  });
}

interface Before {
  /** The prompt as its template renders it, before image files are read. */
  readonly whole: Prompt;
  /** The prompt as it was sent. */
  readonly prompt: Prompt;
  readonly index: number;
}

/** A shorter prompt with the images that it had before. A system message that has become empty may be missing. */
function withImages(short: Prompt, { whole, prompt, index }: Before): Prompt {
  const dropped = whole.messages.length - short.messages.length;
  const isSystemDropped = dropped === 1 && whole.messages[0]?.role === "system";
  if (dropped !== 0 && !isSystemDropped) throw changed(index, "messages");
  const messages = short.messages.map((message, place): Message => {
    const [before, sent] = [whole.messages[place + dropped], prompt.messages[place + dropped]];
    if (before?.role !== message.role) throw changed(index, "messages");
    if (!isDeepStrictEqual(before.images, message.images)) throw changed(index, "images");
    return sent?.images === undefined ? message : { ...message, images: sent.images };
  });
  return { ...short, messages };
}

function changed(index: number, what: string): RenderError {
  return new RenderError(
    "TEMPLATE_FAILED",
    `The template gives ${rowName(index)} other ${what} when its texts are shorter`,
  );
}

function isAlike({ messages: a }: Prompt, { messages: b }: Prompt): boolean {
  return (
    a.length === b.length &&
    a.every(({ role, content }, place) => role === b[place]?.role && content === b[place].content)
  );
}

function charactersOf({ messages }: Prompt): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}

function renderOr(render: () => Prompt): Prompt | RenderError {
  try {
    return render();
  } catch (error) {
    if (error instanceof RenderError) return error;
    throw error;
  }
}

function no(reason: string): Shortening {
  return { ok: false, reason };
}
