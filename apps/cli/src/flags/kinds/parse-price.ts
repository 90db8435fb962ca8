import type { Price } from "@parallel-parrot/providers";
import { InvalidArgumentError } from "commander";

const NAMES = {
  input: "input",
  output: "output",
  cached: "cachedInput",
  "cache-write": "cacheWrite",
  "max-output": "maxOutputTokens",
} as const;

/**
 * Reads `input=0.4,output=1.6,cached=0.1,cache-write=0.5`: US dollars per million tokens; and `max-output=4096`, the
 * most tokens of an answer, by which a budget is kept to without a cap of one's own.
 */
export function parsePrice(text: string): Price {
  const price: Partial<Record<(typeof NAMES)[keyof typeof NAMES], number>> = {};
  for (const part of text.split(",")) {
    const [name = "", value = ""] = part.split("=").map((side) => side.trim());
    const number = value === "" ? Number.NaN : Number(value);
    if (!isName(name) || !(number >= 0 && number < Number.POSITIVE_INFINITY)) throw wrongPrice();
    price[NAMES[name]] = number;
  }
  const { input, output, ...others } = price;
  if (input === undefined || output === undefined) throw wrongPrice();
  return { input, output, ...others };
}

function isName(name: string): name is keyof typeof NAMES {
  return Object.hasOwn(NAMES, name);
}

function wrongPrice(): InvalidArgumentError {
  return new InvalidArgumentError(
    "Expected US dollars per million tokens, such as input=0.4,output=1.6 and optionally cached=0.1, cache-write=0.5 and max-output=4096, the most tokens of an answer.",
  );
}
