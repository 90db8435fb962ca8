import type { ParseJsonOptions } from "@parallel-parrot/core";
import { applyEdits, type Edit } from "./edits.ts";
import type { Lookout } from "../lookout.ts";
import { repairString } from "./repair-string.ts";
import { repairWord } from "./repair-word.ts";
import { MAX_DEPTH } from "../scan-json.ts";

/** A value that is almost JSON, as JSON. */
export interface Repaired {
  readonly json: string;
  readonly end: number;
  /** Whether a closing bracket was missing. */
  readonly lacksBracket: boolean;
}

/**
 * Reads the object or list whose opening bracket is at `start`, written as in other languages or carelessly. Nothing is
 * guessed: `undefined` where it ends early or can be read in two ways.
 */
export function repairJson(
  look: Lookout,
  start: number,
  { numbers }: ParseJsonOptions,
): Repaired | undefined {
  return new Repairer(look, start, numbers === "written").read();
}

interface Frame {
  readonly closer: "}" | "]" | ")";
  expected: "key" | "colon" | "value" | "comma";
  /** Where the comma stands that nothing has followed yet. */
  comma: number | undefined;
  hasCommas: boolean;
  isEmpty: boolean;
  /** Whether its braces are written twice, as templates want it. */
  isDoubled: boolean;
  /** Those of an object so far. */
  keys: Set<string> | undefined;
}

/** What an object or list begins with. */
function firstOf({ closer }: Pick<Frame, "closer">): "key" | "value" {
  return closer === "}" ? "key" : "value";
}

const PAIRS: ReadonlyMap<string, Frame["closer"]> = new Map([
  ["{", "}"],
  ["[", "]"],
  ["(", ")"],
]);

class Repairer {
  readonly #look: Lookout;
  readonly #start: number;
  readonly #edits: Edit[] = [];
  readonly #frames: Frame[] = [];
  #at: number;
  /** Where the last value or key ended. */
  #end: number;
  #lacksBracket = false;
  readonly #keepsNumbers: boolean;

  constructor(look: Lookout, start: number, keepsNumbers: boolean) {
    this.#look = look;
    this.#keepsNumbers = keepsNumbers;
    this.#start = start;
    this.#at = start;
    this.#end = start;
  }

  read(): Repaired | undefined {
    // A search for the end of a comment takes its time before it is known to be too much.
    if (this.#look.isTired || !this.#open(this.#look.mark(this.#at))) return undefined;
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      this.#skip();
      if (this.#at >= this.#look.text.length || this.#look.isTired || !this.#step(frame)) return undefined;
    }
    const json = applyEdits(this.#look.text, { start: this.#start, end: this.#at }, this.#edits);
    return json === undefined ? undefined : { json, end: this.#at, lacksBracket: this.#lacksBracket };
  }

  /** Moves past spaces and comments. */
  #skip(): void {
    for (;;) {
      const start = this.#at;
      this.#at = this.#look.afterBlank(start);
      const blank = this.#look.text.slice(start, this.#at);
      if (/[^ \t\n\r]/.test(blank)) this.#replace(start, this.#at, " ");
      const end = this.#look.afterComment(this.#at);
      if (end === undefined) return;
      this.#replace(this.#at, end, "");
      this.#at = end;
    }
  }

  #step(frame: Frame): boolean {
    const mark = this.#look.mark(this.#at);
    if (mark === "}" || mark === "]" || mark === ")") return this.#close(frame, mark);
    switch (frame.expected) {
      case "key":
        return this.#readKey(frame, mark);
      case "colon":
        return this.#takeColon(frame, mark);
      case "value":
        return this.#readValue(frame, mark);
      case "comma":
    }
    return mark === "," ? this.#takeComma(frame) : this.#addComma(frame, mark);
  }

  #open(mark: string): boolean {
    const closer = PAIRS.get(mark);
    if (closer === undefined || this.#frames.length === MAX_DEPTH) return false;
    this.#take(closer === "}" ? "{" : "[");
    const frame = {
      closer,
      comma: undefined,
      hasCommas: false,
      isEmpty: true,
      isDoubled: false,
      keys: undefined,
    };
    this.#frames.push({ ...frame, expected: firstOf(frame) });
    return true;
  }

  #close(frame: Frame, mark: Frame["closer"]): boolean {
    const jsonCloser = frame.closer === "}" ? "}" : "]";
    if (mark !== frame.closer) {
      // Behind a bracket of the same kind, it is not certain which of the two is missing, and so what is inside.
      const isCertain =
        frame.expected === "comma" && frame.closer !== ")" && this.#look.mark(this.#end - 1) !== frame.closer;
      if (!isCertain || frame.isDoubled || this.#frames.at(-2)?.closer !== mark) return false;
      this.#replace(this.#at, this.#at, jsonCloser);
      this.#lacksBracket = true;
      this.#frames.pop();
      return true;
    }
    if (frame.expected !== "comma" && frame.expected !== firstOf(frame)) return false;
    // One value in parentheses is that value in some languages, and a list in others.
    if (frame.closer === ")" && !frame.isEmpty && !frame.hasCommas) return false;
    if (frame.comma !== undefined) this.#replace(frame.comma, frame.comma + 1, "");
    this.#take(jsonCloser);
    this.#frames.pop();
    if (frame.isDoubled && !this.#takeDouble("}")) return false;
    this.#end = this.#at;
    return true;
  }

  /** The second of two braces. */
  #takeDouble(brace: "{" | "}"): boolean {
    if (this.#look.text.charAt(this.#at) !== brace) return false;
    this.#replace(this.#at, this.#at + 1, "");
    this.#at += 1;
    return true;
  }

  #readKey(frame: Frame, mark: string): boolean {
    if (mark === "," && frame.comma !== undefined) {
      this.#replace(this.#at, this.#at + 1, "");
      this.#at += 1;
      return true;
    }
    if (mark === "{" && frame.isEmpty && !frame.isDoubled) {
      frame.isDoubled = true;
      return this.#look.text.charAt(this.#at - 1) === "{" && this.#takeDouble("{");
    }
    const start = this.#at;
    const isBare = this.#look.quotesFor(start) === undefined;
    const end = isBare ? this.#bareKey(start) : this.#string(frame, true);
    if (end === undefined) return false;
    const key = isBare ? this.#look.text.slice(start, end) : this.#look.text.slice(start + 1, end - 1);
    // Only the model can say which of the two is meant.
    if (frame.keys?.has(key) === true) return false;
    (frame.keys ??= new Set()).add(key);
    this.#endPart(frame, end, "colon");
    return true;
  }

  #bareKey(start: number): number | undefined {
    const end = this.#look.bareKeyEnd(start);
    if (end === undefined) return undefined;
    this.#replace(start, start, '"');
    this.#replace(end, end, '"');
    return end;
  }

  #readValue(frame: Frame, mark: string): boolean {
    if (PAIRS.has(mark)) {
      this.#endPart(frame, this.#at, "comma");
      return this.#open(mark);
    }
    // A list of bare words on its own is prose in brackets.
    const takesText = this.#frames.some(({ closer }) => closer === "}");
    const end =
      this.#look.quotesFor(this.#at) === undefined
        ? repairWord(this.#look, this.#at, { takesText, keepsNumbers: this.#keepsNumbers }, this.#edits)?.end
        : this.#string(frame, false);
    if (end === undefined) return false;
    this.#endPart(frame, end, "comma");
    return true;
  }

  #string({ closer }: Frame, isKey: boolean): number | undefined {
    const outerCloser = this.#frames.at(-2)?.closer;
    return repairString(this.#look, this.#at, { isKey, closer, outerCloser }, this.#edits)?.end;
  }

  #takeColon(frame: Frame, mark: string): boolean {
    if (mark !== ":") return false;
    this.#take(mark);
    frame.expected = "value";
    return true;
  }

  #takeComma(frame: Frame): boolean {
    frame.comma = this.#at;
    frame.hasCommas = true;
    frame.expected = firstOf(frame);
    this.#take(",");
    return true;
  }

  /** A comma that is missing before the next key, or between two objects or lists. */
  #addComma(frame: Frame, mark: string): boolean {
    const { text } = this.#look;
    // It may be in a comment.
    if (this.#look.afterBlank(this.#end) !== this.#at) return false;
    const isBare = this.#look.quotesFor(this.#at) === undefined;
    const isMissing =
      frame.closer === "}"
        ? (!isBare || text.slice(this.#end, this.#at).includes("\n")) && this.#look.isKeyAt(this.#at)
        : "{[".includes(mark) && "}]".includes(text.charAt(this.#end - 1));
    if (!isMissing) return false;
    this.#replace(this.#at, this.#at, ",");
    frame.expected = firstOf(frame);
    return true;
  }

  /** A key or value of a frame ends here. */
  #endPart(frame: Frame, end: number, expected: Frame["expected"]): void {
    this.#at = end;
    this.#end = end;
    frame.comma = undefined;
    frame.isEmpty = false;
    frame.expected = expected;
  }

  /** Moves past one character, which is `json` or will be written as `json`. */
  #take(json: string): void {
    if (this.#look.text.charAt(this.#at) !== json) this.#replace(this.#at, this.#at + 1, json);
    this.#at += 1;
  }

  #replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }
}
