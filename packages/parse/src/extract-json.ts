import { findFencedBlocks } from "./find-fenced-blocks.ts";
import { findPassages, type Passage } from "./find-passages.ts";
import { repairJson } from "./repair-json.ts";
import { MAX_DEPTH } from "./scan-json.ts";
import { splitThoughts } from "./split-thoughts.ts";

/** The JSON found in a text. */
export type ExtractedJson =
  | {
      /** `repaired` was almost JSON. */
      readonly status: "complete" | "repaired";
      /** Several values one after the other, such as JSON Lines, are given as an array. */
      readonly value: unknown;
      /** Whether `value` is such an array, with no brackets of its own. */
      readonly isSequence: boolean;
      /** How many smaller JSON values with objects in them stand elsewhere in the text. */
      readonly others: number;
    }
  /** The text ends inside the JSON. */
  | {
      readonly status: "cut";
      /** The complete elements of the list that was being written. */
      readonly elements: readonly unknown[];
    }
  | { readonly status: "none"; readonly reason: string };

/**
 * Finds the JSON in an answer: the whole text, or the largest object or list in it, be it in a code fence,
 * between prose, or JSON Lines, behind what a model thought. What is almost JSON is repaired. Never throws, takes linear time, and reads
 * nothing nested deeper than 200 levels.
 */
export function extractJson(text: string): ExtractedJson {
  return findJson(splitThoughts(text).answer);
}

/** {@linkcode extractJson} for a text without thoughts. */
export function findJson(text: string): ExtractedJson {
  const trimmed = text.trim();
  const whole = parse(trimmed);
  if (whole !== undefined) {
    const json: Found = { status: "complete", value: whole, isSequence: false, others: 0 };
    return mayBeDeep(trimmed) ? found(json) : json;
  }
  const passages = findFencedBlocks(trimmed).flatMap(findPassages);
  const best = unfinished(passages) ?? largest(passages);
  if (best === undefined) return { status: "none", reason: "it contains no JSON object or list" };
  const values = best.values.map(parse);
  const isSound = values.every((value) => value !== undefined);
  if (best.status === "cut" && isSound) return { status: "cut", elements: values };
  if (best.status === "open" || best.status === "cut")
    return { status: "none", reason: "its JSON is broken and has no end" };
  const rest = passages.filter((passage) => passage !== best);
  const others = rest.filter(({ status, text }) => status === "complete" && text.includes("{")).length;
  if (best.status === "complete" && isSound) {
    const isSequence = values.length > 1;
    return found({ status: "complete", value: isSequence ? values : values[0], isSequence, others });
  }
  // Two broken passages may be two parts of one.
  const isAlone = rest.every(({ status, text }) => status === "complete" || !text.includes('"'));
  const repaired = isAlone ? repairJson(best.text) : undefined;
  if (typeof repaired !== "object" || repaired === null)
    return { status: "none", reason: "its JSON is broken" };
  return found({ status: "repaired", value: repaired, isSequence: false, others });
}

type Found = Extract<ExtractedJson, { readonly value: unknown }>;

/** Whether a text has brackets enough to be nested too deep; few answers do, and only those are walked through. */
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
  return isDeeper(json.value, MAX_DEPTH)
    ? { status: "none", reason: `its JSON is nested deeper than ${MAX_DEPTH} levels` }
    : json;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** The value of a JSON text; `undefined` where it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An answer that was being written when the text ended, whatever complete example stands before it. */
function unfinished(passages: readonly Passage[]): Passage | undefined {
  const last = passages.at(-1);
  if (!passages.some(({ status }) => status === "complete")) return undefined;
  return last?.status === "cut" && /^\s*[{[]\s*[{"]/.test(last.text) ? last : undefined;
}

function largest(passages: readonly Passage[]): Passage | undefined {
  let best: Passage | undefined;
  for (const passage of passages) if (best === undefined || weight(passage) > weight(best)) best = passage;
  return best;
}

/** Prose can hold what looks like broken JSON, such as `{question, answer}`; the JSON itself may be shorter. */
function weight({ status, text }: Passage): number {
  return text.length * (status === "complete" || status === "cut" ? 2 : 1);
}
