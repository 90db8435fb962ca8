import type { ParseJsonOptions } from "@parallel-parrot/core";
import { Lookout } from "./lookout.ts";
import { isNoteAt } from "./looks-like-data.ts";
import { parsed, readValue } from "./read-value.ts";
import { repairJson } from "./repair/repair-json.ts";
import { restoreBackslashes } from "./restore-backslashes.ts";
import { MAX_DEPTH, scanJson, type OpenContainer, type Scan } from "./scan-json.ts";

/**
 * One stretch of JSON in a text, or of what was meant as JSON: a value, or several one after the other with
 * nothing but spaces, commas and marks of a list between them.
 */
export interface Passage {
  /** `repaired` is almost JSON; `cut` ends inside JSON with the text; `broken` cannot be read. */
  readonly status: "complete" | "repaired" | "cut" | "broken";
  readonly start: number;
  readonly end: number;
  /** Of a `cut` or `broken` passage the complete elements of its list, up to where it ends or breaks. */
  readonly values: readonly unknown[];
  /** Whether anything in `values` was repaired. */
  readonly isRepaired: boolean;
  /** Whether the list of a `cut` passage is whole, with nothing but closing brackets missing after it. */
  readonly isListClosed: boolean;
  /** Where a `broken` passage stops being JSON. */
  readonly brokenAt: number | undefined;
  readonly isTooDeep: boolean;
}

/** All passages of a text, in order, in linear time. Brackets of prose are broken passages. */
export function findPassages(text: string, options: ParseJsonOptions): Passage[] {
  const finder: Finder = { text, options, look: new Lookout(text), brackets: new BracketSearch(text) };
  const runs: [Passage, ...Passage[]][] = [];
  let end = 0;
  for (let start = nextMatch(OPENING, text, 0); start < text.length; start = nextMatch(OPENING, text, end)) {
    const passage = passageAt(finder, start);
    const run = runs.at(-1);
    const isNext = run !== undefined && isGap(text, end, start) && isAlike(text, run[0].start, start);
    if (isNext) run.push(passage);
    else runs.push([passage]);
    end = passage.end;
  }
  return runs.map(join);
}

/** Whether two values can be elements of the same list; a footnote or a heading in brackets is none. */
function isAlike(text: string, first: number, next: number): boolean {
  return text[first] === text[next] && isNoteAt(text, first) === isNoteAt(text, next);
}

interface Finder {
  readonly text: string;
  readonly options: ParseJsonOptions;
  readonly look: Lookout;
  readonly brackets: BracketSearch;
}

const PLAIN = { isRepaired: false, isListClosed: false, brokenAt: undefined, isTooDeep: false };

/** The passage of the one value that begins with the bracket at `start`. */
function passageAt({ text, options, look, brackets }: Finder, start: number): Passage {
  const scan = scanJson(text, start);
  if (scan.status === "cut") return cutPassage(text, start, scan.open, options);
  if (scan.status === "complete") {
    const { end } = scan;
    const read = readValue(text.slice(start, end), options);
    if (read !== undefined) return wholePassage(start, end, read);
    return { ...PLAIN, status: "broken", start, end, values: [], brokenAt: start };
  }
  const repaired = repairJson(look, start, options);
  if (repaired !== undefined) {
    const { end, json, lacksBracket } = repaired;
    const read = readValue(json, options);
    if (read !== undefined && (!lacksBracket || isLast(text, end)))
      return wholePassage(start, end, { ...read, isRepaired: true });
  }
  const end = closingOf(text, brackets, scan) ?? text.length;
  const values = elementsOf(text, scan.open, options).values;
  const isTooDeep = scan.open.length === MAX_DEPTH && /[{[]/.test(text.charAt(scan.at));
  return { ...PLAIN, status: "broken", start, end, values, brokenAt: scan.at, isTooDeep };
}

/**
 * Whether a value in which a bracket was missing ends here: with more on its line, or with a surplus bracket after it,
 * the bracket may have been meant to stand elsewhere.
 */
function isLast(text: string, end: number): boolean {
  const behind = text.slice(end, end + MAX_BEHIND);
  return /^[ \t]*(?:[\n\r`]|$)/.test(behind) && !/^[^{[]*[}\]]/.test(behind);
}

/** How many characters after a value are searched for a surplus bracket. */
const MAX_BEHIND = 1000;

function wholePassage(
  start: number,
  end: number,
  { value, isRepaired }: { readonly value: unknown; readonly isRepaired: boolean },
): Passage {
  return { ...PLAIN, status: isRepaired ? "repaired" : "complete", start, end, values: [value], isRepaired };
}

function cutPassage(
  text: string,
  start: number,
  open: readonly OpenContainer[],
  options: ParseJsonOptions,
): Passage {
  const part = text.slice(start);
  const restored = restoreBackslashes(part);
  const isRepaired = restored !== part;
  const scan = isRepaired ? scanJson(restored, 0) : undefined;
  const elements =
    scan?.status === "cut" ? elementsOf(restored, scan.open, options) : elementsOf(text, open, options);
  return { ...PLAIN, status: "cut", start, end: text.length, ...elements, isRepaired };
}

interface Elements {
  readonly values: readonly unknown[];
  readonly isListClosed: boolean;
}

/**
 * The complete elements of the outermost list of objects that is still open; where none is, those of a list
 * that was closed just before the cut, as in `{"items":[…]`.
 */
function elementsOf(text: string, open: readonly OpenContainer[], options: ParseJsonOptions): Elements {
  const list = open.find(
    ({ bracket, children }, i) => bracket === "[" && (children.length > 0 || open[i + 1]?.bracket === "{"),
  );
  const valueOf = ({ start, end }: { readonly start: number; readonly end: number }): unknown =>
    parsed(text.slice(start, end), options);
  if (list !== undefined) {
    const values = list.children.map(valueOf);
    const firstBad = values.indexOf(undefined);
    return { values: firstBad === -1 ? values : values.slice(0, firstBad), isListClosed: false };
  }
  // A list that is open but empty is the answer; an earlier one is something else.
  if (open.some(({ bracket }) => bracket === "[")) return { values: [], isListClosed: false };
  for (const child of open.flatMap(({ children }) => children)) {
    const value = valueOf(child);
    const elements: unknown = Array.isArray(value) ? value : Object.values(Object(value)).find(Array.isArray);
    if (!Array.isArray(elements) || elements.length === 0) continue;
    return { values: elements, isListClosed: CLOSED.test(text.slice(child.end)) };
  }
  return { values: [], isListClosed: false };
}

/** What may be missing after a list that is whole: nothing but brackets of objects. */
const CLOSED = /^[\s}]*$/;

/**
 * Where the brackets that are open in a broken value, and any surplus ones, are closed. Brackets in strings count,
 * except inside complete values.
 */
function closingOf(
  text: string,
  brackets: BracketSearch,
  { resume, open: opened }: Extract<Scan, { readonly status: "broken" }>,
): number | undefined {
  let position = resume;
  for (let open = opened.length; ;) {
    const next = brackets.next(position);
    const bracket = text.charAt(next);
    if (bracket === "}" || bracket === "]") {
      open -= 1;
      position = next + 1;
      continue;
    }
    if (open <= 0) return position;
    const scan: Scan = bracket === "" ? { status: "cut", open: [] } : scanJson(text, next);
    if (scan.status === "cut") return undefined;
    if (scan.status === "broken") open += scan.open.length;
    position = scan.status === "complete" ? scan.end : scan.resume;
  }
}

function join(run: readonly [Passage, ...Passage[]]): Passage {
  const [first] = run;
  const last = run.at(-1) ?? first;
  if (first === last) return first;
  const broken = run.findIndex(({ status }) => status === "broken");
  // Of values one after the other, one that is unfinished or broken is itself the element that is dropped.
  const whole = broken !== -1 ? run.slice(0, broken) : last.status === "cut" ? run.slice(0, -1) : run;
  const isRepaired = whole.some((passage) => passage.isRepaired);
  const status = broken === -1 ? last.status : "broken";
  return {
    ...PLAIN,
    status: isRepaired && status === "complete" ? "repaired" : status,
    start: first.start,
    end: last.end,
    values: whole.flatMap(({ values }) => values),
    isRepaired,
    brokenAt: run[broken]?.brokenAt,
    isTooDeep: run[broken]?.isTooDeep === true,
  };
}

const OPENING = /[{[｛［]/g;
const BRACKET = /[{}[\]]/g;

/** Finds the next bracket, and looks through a stretch without brackets only once, from wherever it is asked. */
class BracketSearch {
  readonly #text: string;
  /** Of the last search: from where on there is no bracket, and where the next one is. */
  #from = 0;
  #next = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the next bracket is; the end of the text where there is none. */
  next(from: number): number {
    if (from < this.#from || from > this.#next)
      [this.#from, this.#next] = [from, nextMatch(BRACKET, this.#text, from)];
    return this.#next;
  }
}

/** What separates values: spaces and commas, the marks of list items, and those between two tool calls. */
const GAP = /(?:[\s,，]|[-*•][ \t]|\d{1,4}[.)][ \t]|<\/?tool_call>)*/y;

/** Where the next match is; the end of the text where there is none. */
function nextMatch(expression: RegExp, text: string, from: number): number {
  expression.lastIndex = from;
  return expression.exec(text)?.index ?? text.length;
}

function isGap(text: string, from: number, to: number): boolean {
  GAP.lastIndex = from;
  GAP.test(text);
  return GAP.lastIndex >= to;
}
