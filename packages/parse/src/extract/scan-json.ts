/** Objects and lists nested deeper are not read: a stack would overflow later on. */
export const MAX_DEPTH = 200;

/** An object or list inside a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** An object or list that was not closed where the scan stopped. */
export interface OpenContainer {
  readonly bracket: "{" | "[";
  readonly start: number;
  /** Complete objects and lists directly inside. */
  readonly children: readonly Span[];
}

/** What stands at one place of a text. */
export type Scan =
  | { readonly status: "complete"; readonly end: number }
  /** The text ends before the value does; outermost container first. */
  | { readonly status: "cut"; readonly open: readonly OpenContainer[] }
  /** It is not JSON any more from `at` on. A next try may start at `resume`. */
  | {
      readonly status: "broken";
      readonly open: readonly OpenContainer[];
      readonly at: number;
      readonly resume: number;
    };

type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end";

interface Token {
  readonly kind: "{" | "}" | "[" | "]" | "," | ":" | "string" | "literal" | "cut" | "other";
  readonly start: number;
  readonly end: number;
}

interface Frame extends OpenContainer {
  readonly children: Span[];
}

interface State {
  readonly open: Frame[];
  expected: Expected;
}

/**
 * Reads one object or list of strict JSON from `start`, where its opening bracket stands. Each character is
 * looked at once, without recursion. Escapes inside strings are left to `JSON.parse`.
 */
export function scanJson(text: string, start: number): Scan {
  const state: State = { open: [], expected: "value" };
  let previous: Token | undefined;
  for (let position = start; ;) {
    const token = readToken(text, position);
    if (token.kind === "cut") return { status: "cut", open: state.open };
    if (!accept(state, token)) {
      // A quote of the prose may have opened the last "string": the next try starts inside it.
      const resume = previous?.kind === "string" ? previous.start + 1 : token.start;
      return { status: "broken", open: state.open, at: token.start, resume: Math.max(resume, start + 1) };
    }
    if (state.open.length === 0) return { status: "complete", end: token.end };
    previous = token;
    position = token.end;
  }
}

/** Moves the state on by a token; false where the token does not belong there. */
function accept(state: State, token: Token): boolean {
  const { expected } = state;
  const takesValue = expected === "value" || expected === "value or end";
  const takesKey = expected === "key" || expected === "key or end";
  switch (token.kind) {
    case "{":
    case "[":
      return takesValue && openContainer(state, token.kind, token.start);
    case "}":
    case "]":
      return expected.endsWith("or end") && closeContainer(state, token);
    case ",":
      state.expected = state.open.at(-1)?.bracket === "{" ? "key" : "value";
      return expected === "comma or end";
    case ":":
      state.expected = "value";
      return expected === "colon";
    case "string":
      state.expected = takesKey ? "colon" : "comma or end";
      return takesKey || takesValue;
    case "literal":
      state.expected = "comma or end";
      return takesValue;
    case "cut":
    case "other":
  }
  return false;
}

function openContainer(state: State, bracket: "{" | "[", start: number): boolean {
  if (state.open.length === MAX_DEPTH) return false;
  state.open.push({ bracket, start, children: [] });
  state.expected = bracket === "{" ? "key or end" : "value or end";
  return true;
}

function closeContainer(state: State, { kind, end }: Token): boolean {
  const closed = state.open.at(-1);
  if (closed?.bracket !== (kind === "}" ? "{" : "[")) return false;
  state.open.pop();
  state.open.at(-1)?.children.push({ start: closed.start, end });
  state.expected = "comma or end";
  return true;
}

const WORD = /[\w.+-]+/y;
/** A number or word of JSON. */
export const LITERAL: RegExp = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const LITERAL_START = /^(?:t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-?\d*(?:\.\d*)?(?:[eE][+-]?\d*)?)$/;

function readToken(text: string, position: number): Token {
  let start = position;
  while (isSpace(text.charCodeAt(start))) start += 1;
  const character = text.charAt(start);
  switch (character) {
    case "":
      return { kind: "cut", start, end: start };
    case "{":
    case "}":
    case "[":
    case "]":
    case ",":
    case ":":
      return { kind: character, start, end: start + 1 };
    case '"':
      return readString(text, start);
    default:
      return readWord(text, start);
  }
}

function readString(text: string, start: number): Token {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return { kind: "string", start, end: i + 1 };
    if (code < 0x20) return { kind: "other", start, end: i };
    if (code === 0x5c) i += 1;
  }
  return { kind: "cut", start, end: text.length };
}

function readWord(text: string, start: number): Token {
  WORD.lastIndex = start;
  const word = WORD.exec(text)?.[0] ?? "";
  const end = start + word.length;
  if (LITERAL.test(word)) return { kind: "literal", start, end };
  const isCut = word !== "" && end === text.length && LITERAL_START.test(word);
  return { kind: isCut ? "cut" : "other", start, end };
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
