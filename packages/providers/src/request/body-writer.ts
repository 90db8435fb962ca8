import type { Message, OutputShape, Prompt } from "@parallel-parrot/core";
import { markTurns } from "../prompt-cache/openai-marks.ts";
import { checkImages, hasImages } from "./images.ts";
import type { Fields } from "../json-fields.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { GenerationParams } from "../generation-params.ts";
import type { Amendment, Call, ProviderRequest } from "../provider.ts";
import { arrangeSystem, isSystemChanged, type Turn } from "./system-messages.ts";

/** How an API's body is written: the turns of the conversation on the one hand, all other fields on the other. */
export interface BodyFormat {
  readonly info: Pick<ProviderInfo, "displayName" | "capabilities">;
  readonly model: string;
  /** The field that holds the turns. */
  readonly turnsName: string;
  /** The content of a turn that has images. */
  readonly imageContent: (message: Message) => readonly unknown[];
  /** A whole turn. @default its role, and its content as `imageContent` writes it */
  readonly writeTurn?: (turn: Turn) => Fields;
  /** All fields except model and turns: what the user set and was not refused before. */
  readonly fields: (call: Call, amendments: ReadonlySet<Amendment>) => Fields;
  /** Whether the model sees the wanted shape in these fields; if not, the prompt describes it in words. */
  readonly showsShape: (fields: Fields) => boolean;
  /** The most output tokens that these fields allow. */
  readonly capOf: (fields: Fields) => number | undefined;
  /** Whether the model takes OpenAI's marks for the prompt cache. @default false */
  readonly takesMarks?: boolean;
}

/** The JSON body of a request. */
interface WrittenBody extends Pick<ProviderRequest, "body" | "maxOutputTokens"> {
  /** The same body with the end of the prompt's prefix marked for the prompt cache. @default it is not marked */
  readonly marked?: string;
}

/** Writes the JSON body of a request. */
export type BodyWriter = (call: Call, amendments: ReadonlySet<Amendment>) => WrittenBody;

/**
 * Makes a {@linkcode BodyWriter}. In a run of a million requests only the turns differ, so the JSON of all other fields
 * is kept for as long as the arguments are the same objects.
 */
export function bodyWriter(format: BodyFormat): BodyWriter {
  const { model, turnsName } = format;
  const head = `{"model":${JSON.stringify(model)},${JSON.stringify(turnsName)}:`;
  let last: Frame | undefined;
  return (call, amendments) => {
    if (last === undefined || !isFrameOf(last, call, amendments)) last = frameOf(call, amendments, format);
    const { prompt } = call;
    const written = { body: `${head}${writeTurns(prompt.messages, last, format)}${last.tail}`, ...last.cap };
    const marked = format.takesMarks === true ? writeMarked(prompt, last, format) : undefined;
    return marked === undefined ? written : { ...written, marked: `${head}${marked}` };
  };
}

/** A body without its turns, and the arguments that it was made from. */
interface Frame extends Pick<Call, "shape" | "params" | "n"> {
  readonly amendments: ReadonlySet<Amendment>;
  readonly amendmentCount: number;
  readonly cap: Pick<ProviderRequest, "maxOutputTokens">;
  /** All fields except model and turns. */
  readonly fields: Fields;
  /** The JSON that follows the turns. */
  readonly tail: string;
  /** The wanted shape in words, if the model does not see it otherwise. */
  readonly words: string | undefined;
  /** A system message of these words, as JSON. */
  readonly wordsTurn: string;
  /** Whether an amendment changes system messages. */
  readonly isSystemChanged: boolean;
}

function isFrameOf(frame: Frame, { shape, params, n }: Call, amendments: ReadonlySet<Amendment>): boolean {
  return (
    frame.shape === shape &&
    frame.n === n &&
    frame.amendments === amendments &&
    frame.amendmentCount === amendments.size &&
    areSame(frame.params, params)
  );
}

/** Compares by value, because the caller may change its options object between two requests. */
function areSame(a: GenerationParams, b: GenerationParams): boolean {
  return (
    a.temperature === b.temperature &&
    a.topP === b.topP &&
    a.maxTokens === b.maxTokens &&
    a.stop === b.stop &&
    a.seed === b.seed &&
    a.reasoningEffort === b.reasoningEffort &&
    a.presencePenalty === b.presencePenalty &&
    a.frequencyPenalty === b.frequencyPenalty &&
    a.logitBias === b.logitBias &&
    a.endUser === b.endUser
  );
}

function frameOf(call: Call, amendments: ReadonlySet<Amendment>, format: BodyFormat): Frame {
  const { params, shape, n } = call;
  const fields = format.fields(call, amendments);
  const words = wordsOf(shape, format.showsShape(fields));
  const cap = format.capOf(fields);
  return {
    shape,
    params: { ...params },
    n,
    amendments,
    amendmentCount: amendments.size,
    cap: cap === undefined ? {} : { maxOutputTokens: cap },
    fields,
    tail: tailOf(fields),
    words,
    wordsTurn: JSON.stringify({ role: "system", content: words }),
    isSystemChanged: isSystemChanged(amendments),
  };
}

/** Fields as they follow the turns of a body. */
function tailOf(fields: Fields): string {
  const json = JSON.stringify(fields);
  return json === "{}" ? "}" : `,${json.slice(1)}`;
}

function wordsOf(shape: OutputShape, isShown: boolean): string | undefined {
  return shape.type === "json" && !isShown ? shape.instructions : undefined;
}

function writeTurns(messages: readonly Message[], frame: Frame, format: BodyFormat): string {
  const isPlain = !frame.isSystemChanged && !hasImages(messages);
  if (isPlain && frame.words === undefined) return JSON.stringify(messages);
  if (isPlain && messages[0]?.role !== "system")
    return `[${frame.wordsTurn},${JSON.stringify(messages).slice(1)}`;
  checkImages(messages, format.info);
  const turns = arrangeSystem(messages, frame.words, frame.amendments);
  return JSON.stringify(turns.map((turn) => writeTurn(turn, format)));
}

/** The turns with the end of the prompt's prefix marked, and what follows them; `undefined` if there is nothing to mark. */
function writeMarked(prompt: Prompt, frame: Frame, format: BodyFormat): string | undefined {
  const { fields, words, amendments } = frame;
  // Whoever sets these says what is to be kept.
  if (prompt.prefix === undefined || "prompt_cache_options" in fields) return undefined;
  const turns = arrangeSystem(prompt.messages, words, amendments);
  const marked = markTurns(prompt, amendments, turns, format.imageContent);
  if (marked === undefined) return undefined;
  const written = marked.turns.map((turn) => ("images" in turn ? writeTurn(turn, format) : turn));
  return `${JSON.stringify(written)}${tailOf({ ...marked.fields, ...fields })}`;
}

function writeTurn(turn: Turn, { imageContent, writeTurn: write }: BodyFormat): Fields {
  if (write !== undefined) return write(turn);
  const { role, content, images = [] } = turn;
  if (images.length === 0) return { role, content };
  return { role, content: imageContent({ role: "user", content, images }) };
}
