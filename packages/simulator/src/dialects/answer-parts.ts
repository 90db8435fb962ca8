import type { SimChoice, SimFinish, SimShape } from "../dialect.ts";
import { isObject, parseJson, type JsonObject } from "../json-value.ts";

/** A piece of an answer, in the order in which the model says it. */
export type AnswerPart =
  | { readonly type: "thinking" | "text" | "refusal"; readonly text: string }
  | { readonly type: "tool"; readonly name: string; readonly text: string; readonly input: JsonObject };

/** What a choice consists of; an empty text is no part. */
export function partsOf(choice: SimChoice, shape: SimShape): readonly AnswerPart[] {
  const { text, finish, thinking } = choice;
  const parts: AnswerPart[] = thinking === undefined ? [] : [{ type: "thinking", text: thinking }];
  const tool = finish === "refusal" ? undefined : toolOf(choice, shape);
  if (tool !== undefined) parts.push(tool);
  else if (text !== "") parts.push({ type: finish === "refusal" ? "refusal" : "text", text });
  return parts;
}

/** A call of the tool that was asked for; one that was cut off has no arguments. */
function toolOf({ text, finish }: SimChoice, shape: SimShape): AnswerPart | undefined {
  if (shape.type !== "jsonSchema" || shape.tool === undefined || text === "") return undefined;
  const input = parseJson(text);
  if (isObject(input)) return { type: "tool", name: shape.tool, text, input };
  return finish === "length" ? { type: "tool", name: shape.tool, text, input: {} } : undefined;
}

/** The texts of some parts, put together. */
export function joinParts(parts: readonly AnswerPart[], ...types: readonly AnswerPart["type"][]): string {
  return parts
    .filter(({ type }) => types.includes(type))
    .map(({ text }) => text)
    .join("");
}

/** An API's words for why a choice ended; `contentFilter` where it filters answers. */
export type FinishWords = Readonly<
  Record<Exclude<SimFinish, "contentFilter"> | "stopText" | "tool", string> & { contentFilter?: string }
>;

/** Why a choice ended, in the API's words. */
export function finishWord(choice: SimChoice, parts: readonly AnswerPart[], words: FinishWords): string {
  if (choice.finish !== "stop") return words[choice.finish] ?? words.failed;
  if (parts.some(({ type }) => type === "tool")) return words.tool;
  return choice.stopText === undefined ? words.stop : words.stopText;
}
