import { scanJson, type OpenContainer, type Scan } from "./scan-json.ts";

/**
 * One stretch of JSON in a text, or of what was meant as JSON: a value, or several one after the other with
 * nothing but spaces and commas between them.
 */
export interface Passage {
  /**
   * `cut` ends inside JSON; `broken` is not JSON but closed; `open` is not JSON, and where it is closed is not
   * certain.
   */
  readonly status: "complete" | "cut" | "broken" | "open";
  readonly text: string;
  /** As JSON: of a `complete` passage its values, of a `cut` one the complete elements of its list. */
  readonly values: readonly string[];
}

/** All passages of a text, in order, in linear time. Brackets of prose are broken passages. */
export function findPassages(text: string): Passage[] {
  const runs: [Located, ...Located[]][] = [];
  let end = 0;
  for (let start = nextMatch(OPENING, text, 0); start < text.length; start = nextMatch(OPENING, text, end)) {
    const passage = passageAt(text, start);
    const run = runs.at(-1);
    if (run !== undefined && isBlank(text, end, start)) run.push(passage);
    else runs.push([passage]);
    end = passage.end;
  }
  return runs.map((run) => join(text, run));
}

interface Located extends Omit<Passage, "text"> {
  readonly start: number;
  readonly end: number;
}

/** The passage of the one value that begins with the bracket at `start`. */
function passageAt(text: string, start: number): Located {
  const scan = scanJson(text, start);
  if (scan.status === "complete")
    return { status: "complete", start, end: scan.end, values: [text.slice(start, scan.end)] };
  if (scan.status === "cut")
    return { status: "cut", start, end: text.length, values: elementsOf(text, scan.open) };
  const end = closingOf(text, scan.resume, scan.depth);
  if (end === undefined || quoteCount(text.slice(start, end)) % 2 === 1)
    return { status: "open", start, end: end ?? text.length, values: [] };
  return { status: "broken", start, end, values: [] };
}

/**
 * The complete elements of the outermost list of objects that is still open; where none is, those of a list
 * that was closed just before the cut, as in `{"items":[…]`.
 */
function elementsOf(text: string, open: readonly OpenContainer[]): readonly string[] {
  const list = open.find(
    ({ bracket, children }, i) => bracket === "[" && (children.length > 0 || open[i + 1]?.bracket === "{"),
  );
  if (list !== undefined) return list.children.map(({ start, end }) => text.slice(start, end));
  // A list that is open but empty is the answer; an earlier one is something else.
  if (open.some(({ bracket }) => bracket === "[")) return [];
  const closed = open.flatMap(({ children }) => children);
  return (
    closed.map(({ start, end }) => elementTexts(text.slice(start, end))).find(({ length }) => length > 0) ??
    []
  );
}

/** The elements of a complete list, or of the list directly inside a complete object. */
function elementTexts(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  const list: unknown = Array.isArray(value) ? value : Object.values(Object(value)).find(Array.isArray);
  return Array.isArray(list) ? list.map((element) => JSON.stringify(element)) : [];
}

/**
 * Where `depth` open brackets, and all there are too many, are closed. Brackets in strings count, except inside
 * complete values.
 */
function closingOf(text: string, from: number, depth: number): number | undefined {
  let position = from;
  for (let open = depth; ;) {
    const next = nextMatch(BRACKET, text, position);
    const bracket = text.charAt(next);
    if (bracket === "}" || bracket === "]") {
      open -= 1;
      position = next + 1;
      continue;
    }
    if (open <= 0) return position;
    const scan: Scan = bracket === "" ? { status: "cut", open: [] } : scanJson(text, next);
    if (scan.status === "cut") return undefined;
    if (scan.status === "broken") open += scan.depth;
    position = scan.status === "complete" ? scan.end : scan.resume;
  }
}

function quoteCount(text: string): number {
  return text.split('"').length - 1;
}

function join(text: string, run: readonly [Located, ...Located[]]): Passage {
  const [first] = run;
  const last = run.at(-1) ?? first;
  const all = text.slice(first.start, last.end);
  if (first === last) return { status: first.status, text: all, values: first.values };
  if (last.status === "open" || run.some(({ status }) => status === "broken")) {
    const isClosed = last.status === "complete" || last.status === "broken";
    return { status: isClosed ? "broken" : "open", text: all, values: [] };
  }
  // Of values one after the other, an unfinished last one is itself the element that is dropped.
  const whole = last.status === "cut" ? run.slice(0, -1) : run;
  return { status: last.status, text: all, values: whole.flatMap(({ values }) => values) };
}

const OPENING = /[{[]/g;
const BRACKET = /[{}[\]]/g;
const BLANK = /[\s,]*/y;

/** Where the next match is; the end of the text where there is none. */
function nextMatch(expression: RegExp, text: string, from: number): number {
  expression.lastIndex = from;
  return expression.exec(text)?.index ?? text.length;
}

function isBlank(text: string, from: number, to: number): boolean {
  BLANK.lastIndex = from;
  BLANK.test(text);
  return BLANK.lastIndex >= to;
}
