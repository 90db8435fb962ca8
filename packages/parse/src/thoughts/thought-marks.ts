import { QuotedPlaces } from "./quoted-places.ts";

/** A mark that begins or ends a block of thoughts. */
export interface ThoughtMark {
  readonly start: number;
  readonly end: number;
  readonly opens: boolean;
  /** The same for the two marks of a block. */
  readonly kind: string;
  /** Whether it stands between quotes or in code, as in a text about marks. */
  readonly isQuoted: boolean;
  /** Whether it is made of ordinary words, which mean something only as a pair. */
  readonly isWords: boolean;
}

/**
 * Tags such as `<think>`, also with a namespace, of DeepSeek, Qwen, QwQ, GLM, MiniMax, Nemotron, EXAONE, Granite
 * and most others (`<seed:think>`: Seed-OSS); `[THINK]` of Magistral; `◁think▷` of Kimi.
 */
const TAG = /<\/?(?:\w{1,20}:)?(?:think(?:ing)?|thoughts?|reasoning)\s{0,9}>|\[\/?THINK\]|◁\/?think▷/iu;

/** Pairs that are not tags. */
const PAIRS: readonly (readonly [open: string, close: string])[] = [
  // Command A
  ["<|start_thinking|>", "<|end_thinking|>"],
  // OpenThinker and its relatives
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  // Apertus
  ["<|inner_prefix|>", "<|inner_suffix|>"],
  // Gemma 4
  ["<|channel>thought", "<channel|>"],
  // Granite 3.2
  ["here is my thought process:", "here is my response:"],
  ["here's my thought process:", "here's my response:"],
];

const KINDS = new Map(
  PAIRS.flatMap(([open, close]): [string, Pick<ThoughtMark, "kind" | "opens">][] => [
    [open, { kind: open, opens: true }],
    [close, { kind: open, opens: false }],
  ]),
);

const MARKS = new RegExp(
  [TAG.source, ...[...KINDS.keys()].map((mark) => mark.replaceAll("|", String.raw`\|`))].join("|"),
  "giu",
);

/** All marks of a text, in order, in linear time. */
export function findThoughtMarks(text: string): ThoughtMark[] {
  const quoted = new QuotedPlaces(text);
  return Array.from(text.matchAll(MARKS), ({ 0: mark, index: start }) => {
    const end = start + mark.length;
    const word = mark.toLowerCase();
    const kind = KINDS.get(word) ?? { kind: word.replaceAll(/[/\s]/g, ""), opens: !word.includes("/") };
    return { start, end, ...kind, isQuoted: quoted.has(start, end), isWords: word.endsWith(":") };
  });
}
