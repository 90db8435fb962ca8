import type { SplitAnswer } from "./split-answer.ts";

/** The head of a message of gpt-oss, with the name of its channel; the first one may have been begun by the template. */
const HEAD =
  /(?:<\|start\|>[^<]{0,100})?<\|channel\|>(\w{1,20})[^<]{0,200}(?:<\|constrain\|>[^<]{0,100})?<\|message\|>/g;
const TEMPLATE_HEAD = /^\s*(analysis|commentary|final)<\|message\|>/;
const STARTS_WITH_HEAD = /^\s*(?:<\|start\|>|<\|channel\|>)/;
const LATER_HEAD = /<\|end\|>\s*<\|start\|>assistant\b[^<]{0,100}<\|channel\|>/;
/** What is left of the heads where a server drops the special tokens. */
const BARE_ANALYSIS = /^\s*analysis(?=\S)/;
const BARE_FINAL = "assistantfinal";
const END = /<\|(?:end|return|call)\|>/;

/**
 * The answer of a model that writes into channels, as gpt-oss does: that of `final`; all others are thoughts.
 * `undefined` where the text has no channels.
 */
export function splitChannels(text: string): SplitAnswer | undefined {
  const bare = splitBare(text);
  if (bare !== undefined) return bare;
  const template = TEMPLATE_HEAD.exec(text);
  const isBegun = template !== null || STARTS_WITH_HEAD.test(text);
  if (!isBegun && (/^\s*[[{"'`]/.test(text) || !LATER_HEAD.test(text))) return undefined;
  const heads = Array.from(text.matchAll(HEAD), ({ 0: head, 1: channel = "", index }) => ({
    channel,
    start: index,
    end: index + head.length,
  }));
  const [first] = heads;
  if (template === null && first === undefined) return undefined;
  const unheaded = { channel: template?.[1] ?? "analysis", start: 0, end: template?.[0].length ?? 0 };
  const messages = STARTS_WITH_HEAD.test(text) ? heads : [unheaded, ...heads];
  const contents = messages.map(({ channel, end }, i) => ({
    isAnswer: channel === "final",
    content: withoutEnd(text.slice(end, messages[i + 1]?.start)),
  }));
  const join = (isAnswer: boolean): string =>
    contents
      .filter((part) => part.isAnswer === isAnswer && part.content !== "")
      .map(({ content }) => content)
      .join("\n\n");
  return { answer: join(true), thoughts: join(false) };
}

function splitBare(text: string): SplitAnswer | undefined {
  const start = BARE_ANALYSIS.exec(text)?.[0].length;
  const end = start === undefined ? -1 : text.indexOf(BARE_FINAL, start);
  if (end === -1) return undefined;
  return { answer: text.slice(end + BARE_FINAL.length), thoughts: text.slice(start, end).trim() };
}

/** A message ends where it says so, or where the next one begins. */
function withoutEnd(content: string): string {
  const end = content.search(END);
  return (end === -1 ? content : content.slice(0, end)).trim();
}
