import type { SimMessage } from "../dialect.ts";
import { describeImages } from "./prose/describe-images.ts";

/** The two parts of a prompt: the instructions, and the document to follow them with. */
export interface PromptReading {
  /** Everything except the document: the system message, and the words around the document. */
  readonly instructions: string;
  readonly document: string;
}

/** A line that ends in a label for what follows, such as `Document:`. */
const LABEL =
  /(?:^|\n)[ \t#*]*(?:(?:the|this|input|source|following) )?(?:document|text|article|passage|review|input|content|paragraph|context|story|email|message|abstract|note|comment|post)\b[^\n:.]{0,40}:[ \t*]*\n*/gi;

const FENCES = ['"""', "'''", "```"];

/** The most opening tags that are tried. */
const MAX_TAGS = 20;

/** Words with which instructions begin and articles do not. */
const IMPERATIVE =
  /^(?:please |you |your |act |do |don't |never |always |write|generate|summari[sz]e|extract|classify|create|give|list|answer|translate|return|respond|reply|output|read|given|based on|from the (?:following|text)|using|use |make|find|identify|rewrite|remove|replace|redact|anonymi[sz]e|detect|what (?:is|are) the|which|determine|tell|provide|produce|label|rate|analy[sz]e|decide|describe|explain|keep|only |format|ask|think|consider|here (?:is|are)|below|the following|json|example|e\.g\.)/i;

/**
 * Finds the document in a prompt. It is a description of the images if there are any, else the longest part of the
 * user's messages without the words around it.
 */
export function readPrompt(messages: readonly SimMessage[]): PromptReading {
  const images = messages.flatMap(({ images }) => images ?? []);
  if (images.length === 0) return readTexts(messages);
  const asked = messages.filter(({ role }) => role !== "assistant").flatMap(({ parts }) => parts);
  return { instructions: asked.join("\n\n"), document: describeImages(images) };
}

function readTexts(messages: readonly SimMessage[]): PromptReading {
  let longest = "";
  for (const { role, parts } of messages)
    if (role === "user") for (const part of parts) if (part.length >= longest.length) longest = part;
  const part = longest
    .replaceAll("\r\n", "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
  const document = findDocument(part);
  const others: string[] = [];
  for (const { role, parts } of messages)
    if (role !== "assistant") others.push(...parts.filter((text) => text !== longest));
  // If there is only one text and no sign where its instructions end, they are looked for at its beginning and end.
  if (document !== part) others.push(part.replace(document, () => "\n\n"));
  else if (others.length === 0) others.push(part.slice(0, 300), part.slice(300).slice(-300));
  return { instructions: others.join("\n\n"), document };
}

function findDocument(part: string): string {
  const delimited = findDelimited(part);
  const labelled = delimited ?? afterLabel(part) ?? part;
  const trimmed = unquote(dropInstructions(labelled).trim());
  return trimmed === "" ? part : trimmed;
}

/** The longest text between delimiters, if it makes up most of the part. */
function findDelimited(part: string): string | undefined {
  let longest = "";
  const consider = (start: number, end: number): void => {
    if (end - start > longest.length) longest = part.slice(start, end).trim();
  };
  for (const fence of FENCES) consider(part.indexOf(fence) + fence.length, part.lastIndexOf(fence));
  for (const { 0: tag, 1: name, index } of part.matchAll(/<([a-z_]{2,20})>/gi).take(MAX_TAGS))
    consider(index + tag.length, part.lastIndexOf(`</${name}>`));
  return longest.length * 2 > part.length ? longest : undefined;
}

/** The longest text that follows a label. */
function afterLabel(part: string): string | undefined {
  let longest: string | undefined;
  const labels = [...part.matchAll(LABEL)];
  for (const [number, label] of labels.entries()) {
    const text = part.slice(label.index + label[0].length, labels[number + 1]?.index);
    if (text.length > (longest?.length ?? 0)) longest = text;
  }
  return longest;
}

/** Removes paragraphs of instructions, and instructions before a colon at the beginning of a line. */
function dropInstructions(text: string): string {
  const paragraphs = text.split(/\n{2,}/);
  if (paragraphs.length > 1) {
    let first = 0;
    let last = paragraphs.length;
    while (first < last && isInstruction(paragraphs[first] ?? "")) first += 1;
    while (last > first && isInstruction(paragraphs[last - 1] ?? "")) last -= 1;
    if (first < last) return dropLead(paragraphs.slice(first, last).join("\n\n"));
  }
  return dropLead(text);
}

function isInstruction(paragraph: string): boolean {
  const text = paragraph.trim();
  return text === "" || /^[[{]/.test(text) || (text.length < 1000 && IMPERATIVE.test(text) && !hasLead(text));
}

function hasLead(text: string): boolean {
  const rest = dropLead(text);
  return rest !== text && rest.length * 2 > text.length;
}

/** Removes the instructions before a colon (`Summarize this: The lion …`), or a first line of instructions. */
function dropLead(text: string): string {
  const start = text.trimStart();
  if (!IMPERATIVE.test(start)) return text;
  const lead = /^[^\n]{0,400}?:\s+(?=\S)/.exec(start) ?? /^[^\n]{0,400}\n/.exec(start);
  const rest = lead === null ? "" : start.slice(lead[0].length);
  return rest.trim() === "" ? text : rest;
}

function unquote(text: string): string {
  return /^["“][^"“”]*["”]$/.test(text) ? text.slice(1, -1).trim() : text;
}
