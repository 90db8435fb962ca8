import type { SplitAnswer } from "./split-answer.ts";
import { splitChannels } from "./split-channels.ts";
import { withoutEndMark } from "./without-end-mark.ts";
import { findThoughtMarks, type ThoughtMark } from "./thought-marks.ts";

/**
 * Separates what a model thought from its answer. Thoughts are a block between a model's marks, such as
 * `<think>…</think>`, at the start of the text, or several one after the other. A closing mark alone ends a block that
 * the chat template has opened. A block without an end leaves no answer. Marks elsewhere, and such between quotes or
 * inside JSON, are a part of the answer, but for one that ends the model's turn, such as `<|im_end|>`. Takes linear
 * time.
 */
export function splitThoughts(text: string): SplitAnswer {
  if (!mayHaveMarks(text)) return { answer: text, thoughts: "" };
  const { answer, thoughts } = splitChannels(text) ?? splitBlocks(text);
  return { answer: withoutEndMark(answer), thoughts };
}

/** No mark is without one of these, and a search for them costs next to nothing. */
function mayHaveMarks(text: string): boolean {
  return (
    text.includes("<") ||
    text.includes("[/") ||
    text.includes("◁") ||
    /^\s*(?:\[think\]|here|analysis)/i.test(text)
  );
}

function splitBlocks(text: string): SplitAnswer {
  const marks = findThoughtMarks(text);
  const closings = pair(marks);
  const thoughts: string[] = [];
  let rest = 0;
  const take = (start: number, closing: number | undefined): void => {
    const mark = closing === undefined ? undefined : marks[closing];
    thoughts.push(text.slice(start, mark?.start).trim());
    rest = mark?.end ?? text.length;
  };
  const opened = closingOfTemplate(marks);
  if (opened !== undefined) take(0, opened);
  for (let i = (opened ?? -1) + 1; ;) {
    const mark = marks[i];
    if (mark?.opens !== true || text.slice(rest, mark.start).trim() !== "") break;
    const closing = closings[i];
    take(mark.end, closing);
    i = (closing ?? marks.length) + 1;
  }
  if (thoughts.length === 0) return { answer: text, thoughts: "" };
  return {
    answer: withoutAnswerMarks(text.slice(rest)),
    thoughts: thoughts.filter((thought) => thought !== "").join("\n\n"),
  };
}

/** A block that the chat template has opened ends with the last closing mark before any opening one. */
function closingOfTemplate(marks: readonly ThoughtMark[]): number | undefined {
  let last: number | undefined;
  for (const [i, { opens, isQuoted, isWords }] of marks.entries()) {
    if (isQuoted || isWords) continue;
    if (opens) break;
    last = i;
  }
  return last;
}

/**
 * For each opening mark the one that closes it: where blocks stand inside each other its own, and the next one of
 * its kind where not all that are opened are closed, as thoughts may be about such marks.
 */
function pair(marks: readonly ThoughtMark[]): (number | undefined)[] {
  const closings: (number | undefined)[] = marks.map(() => undefined);
  const open = new Map<string, number[]>();
  for (const [i, { kind, opens, isQuoted }] of marks.entries()) {
    if (isQuoted) continue;
    const waiting = open.get(kind) ?? [];
    open.set(kind, waiting);
    if (opens) waiting.push(i);
    else closings[waiting.pop() ?? i] = i;
  }
  const next = new Map<string, number>();
  const nextQuoted = new Map<string, number>();
  for (const [i, { kind, opens, isQuoted }] of [...marks.entries()].toReversed()) {
    if (opens) closings[i] ??= next.get(kind) ?? nextQuoted.get(kind);
    else (isQuoted ? nextQuoted : next).set(kind, i);
  }
  return closings;
}

/** Marks that some models put around what follows their thoughts. */
const ANSWER_MARKS = [
  [/^<answer>/i, /<\/answer>/i],
  [/^<response>/i, /<\/response>/i],
  [/^<\|start_response\|>/i, /<\|end_response\|>/i],
  [/^<\|begin_of_solution\|>/i, /<\|end_of_solution\|>/i],
  [/^<\|begin_of_box\|>/i, /<\|end_of_box\|>/i],
] as const;

function withoutAnswerMarks(text: string): string {
  const answer = text.trim();
  for (const [open, close] of ANSWER_MARKS) {
    const start = open.exec(answer)?.[0].length;
    if (start === undefined) continue;
    const end = close.exec(answer);
    if (end === null) return answer.slice(start).trim();
    return end.index + end[0].length === answer.length ? answer.slice(start, end.index).trim() : answer;
  }
  return text;
}
