import type { ParseJsonOptions } from "@parallel-parrot/core";
import { choosePlace, continued, isBetweenProse, isLost, isOther, type Place } from "./choose-place.ts";
import { findFencedBlocks, type Block } from "./find-fenced-blocks.ts";
import { findPassages } from "./find-passages.ts";
import { beginsLikeData, hasWords, looksLikeData } from "./looks-like-data.ts";
import { mayNeedBackslashes, restoreBackslashes } from "./restore-backslashes.ts";
import { parsed } from "./read-value.ts";
import { isDeeper } from "./is-deeper.ts";
import { MAX_DEPTH } from "./scan-json.ts";
import { splitThoughts } from "../thoughts/split-thoughts.ts";

/** The JSON found in a text. */
export type ExtractedJson =
  | {
      /** `repaired` was almost JSON. */
      readonly status: "complete" | "repaired";
      /** Several values one after the other, such as JSON Lines, are given as an array. */
      readonly value: unknown;
      /** Whether `value` is such an array, with no brackets of its own. */
      readonly isSequence: boolean;
      /** How many smaller JSON values with objects in them stand elsewhere in the text, and are not the same again. */
      readonly others: number;
      /** Whether other text stands both before and after it. */
      readonly isInProse: boolean;
    }
  /** The text ends inside the JSON. */
  | {
      readonly status: "cut";
      /** The complete elements of the list that was being written. */
      readonly elements: readonly unknown[];
      /** Whether that list is whole, with nothing but brackets around it missing. */
      readonly isListClosed: boolean;
      /** Whether the elements were almost JSON. */
      readonly isRepaired: boolean;
    }
  /** A part of what was meant as JSON cannot be read, or can be read in two ways. */
  | {
      readonly status: "broken";
      /** The complete elements of its list, up to where it breaks. */
      readonly elements: readonly unknown[];
      readonly reason: string;
    }
  | { readonly status: "none"; readonly reason: string };

/** Options of {@linkcode extractJson}: how its numbers are given. */
export type ExtractJsonOptions = ParseJsonOptions;

/**
 * Finds the JSON in an answer: the whole text, or the largest object or list in it, whether in a code fence, between
 * prose, after the model's thoughts, as JSON Lines, or as a JSON string with JSON in it. What is almost JSON is
 * repaired where it can be read in only one way, without changing a letter. Never throws, takes linear time, and reads
 * nothing that is nested deeper than 200 levels.
 */
export function extractJson(text: string, options: ExtractJsonOptions = {}): ExtractedJson {
  return findJson(splitThoughts(text).answer, options);
}

/** {@linkcode extractJson} for a text without thoughts. */
export function findJson(text: string, options: ExtractJsonOptions = {}): ExtractedJson {
  return extract(text.trim(), options, MAX_STRINGS);
}

/** JSON in a string of JSON in a string, and so on, is read to this depth. */
const MAX_STRINGS = 3;

function extract(text: string, options: ParseJsonOptions, strings: number): ExtractedJson {
  const whole = readWhole(text, options);
  if (whole !== undefined) {
    const inner = innerOf(whole.value, options, strings);
    if (inner !== undefined) return inner;
    return mayBeDeep(text) ? found(whole) : whole;
  }
  const blocks = findFencedBlocks(text);
  const quoted = readQuoted(blocks, options, strings);
  if (quoted !== undefined) return quoted;
  const opened = readOpened(blocks, options);
  if (opened !== undefined) return opened;
  const passages = blocks.flatMap((block) =>
    findPassages(block.text, options).map((passage) => ({ block, passage })),
  );
  const best = choosePlace(passages);
  if (best === undefined) return { status: "none", reason: "it contains no JSON object or list" };
  return resultOf(
    best,
    passages.filter((place) => place !== best),
    text,
  );
}

type Found = Extract<ExtractedJson, { readonly value: unknown }>;

/** The text where it is JSON from its beginning to its end. */
function readWhole(text: string, options: ParseJsonOptions): Found | undefined {
  const restored = mayNeedBackslashes(text) ? restoreBackslashes(text) : text;
  const value = parsed(restored, options);
  if (value === undefined) return undefined;
  const status = restored === text ? "complete" : "repaired";
  return { status, value, isSequence: false, others: 0, isInProse: false };
}

/** The JSON in a text that is itself a string of JSON. */
function innerOf(value: unknown, options: ParseJsonOptions, strings: number): ExtractedJson | undefined {
  if (typeof value !== "string" || strings === 0 || !/^\s*[{["]/.test(value)) return undefined;
  const inner = extract(value.trim(), options, strings - 1);
  const isText = inner.status === "none" || (inner.status === "broken" && !looksLikeData(value));
  return isText ? undefined : inner;
}

/** The JSON of a block that is a string of JSON, or what is inside one: `{\"a\":1}`. */
function readQuoted(
  blocks: readonly Block[],
  options: ParseJsonOptions,
  strings: number,
): ExtractedJson | undefined {
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) return undefined;
  const text = block.text.trim();
  if (block.isFenced && text.startsWith('"')) return innerOf(parsed(text, options), options, strings);
  if (!ESCAPED.test(text)) return undefined;
  const inner = innerOf(parsed(`"${text}"`, options), options, strings);
  return inner?.status === "complete" ? { ...inner, status: "repaired" } : inner;
}

const ESCAPED = /^(?:[{[]\s*)+\\"/;

/** The JSON of a text that begins with a key, with nothing but its first brace missing. */
function readOpened([block]: readonly Block[], options: ParseJsonOptions): ExtractedJson | undefined {
  if (block === undefined || !beginsLikeData(block.text)) return undefined;
  const text = `{${block.text}`;
  const [passage, ...rest] = findPassages(text, options);
  if (passage === undefined || passage.start > 0 || rest.length > 0 || passage.values.length > 1)
    return undefined;
  const { status, end } = passage;
  const isWhole = (status === "complete" || status === "repaired") && !hasWords(text.slice(end));
  const [value] = passage.values;
  return isWhole
    ? found({ status: "repaired", value, isSequence: false, others: 0, isInProse: false })
    : undefined;
}

function resultOf(best: Place, rest: readonly Place[], text: string): ExtractedJson {
  const { block, passage } = best;
  const { status, values, isRepaired, isListClosed } = passage;
  const lost = status === "broken" ? best : (rest.find(isLost) ?? continued(best));
  if (lost !== undefined) {
    const elements = lost === best || passage.end <= lost.passage.start ? values : [];
    return { status: "broken", elements, reason: brokenReason(lost) };
  }
  if (status === "cut") return { status, elements: values, isListClosed, isRepaired };
  const isSequence = values.length > 1;
  return found({
    status: isRepaired ? "repaired" : "complete",
    value: isSequence ? values : values[0],
    isSequence,
    others: rest.filter((place) => isOther(place, best)).length,
    isInProse: isBetweenProse(block, passage, text),
  });
}

function brokenReason({ block, passage }: Place): string {
  if (passage.isTooDeep) return TOO_DEEP;
  const near = block.text.slice(passage.brokenAt ?? passage.start).trim();
  return near === "" ? "its JSON is broken" : `its JSON is broken near ${JSON.stringify(near.slice(0, 40))}`;
}

const TOO_DEEP = `its JSON is nested deeper than ${MAX_DEPTH} levels`;

/** Whether a text has enough brackets to be nested too deeply. Few answers do, and only those are looked at closely. */
function mayBeDeep(text: string): boolean {
  let opened = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      opened += 1;
      if (opened > MAX_DEPTH) return true;
    }
  }
  return false;
}

function found(json: Found): ExtractedJson {
  return isDeeper(json.value, MAX_DEPTH) ? { status: "none", reason: TOO_DEEP } : json;
}
