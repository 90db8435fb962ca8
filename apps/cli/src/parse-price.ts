import type { Price } from "@parallel-parrot/providers";
import { InvalidArgumentError } from "@commander-js/extra-typings";

const NAMES = { input: "input", output: "output", cached: "cachedInput" } as const;

/** Reads `input=0.4,output=1.6,cached=0.1`: US dollars per million tokens. */
export function parsePrice(text: string): Price {
  const price: { -readonly [Name in keyof Price]?: number } = {};
  for (const part of text.split(",")) {
    const [name = "", value = ""] = part.split("=").map((side) => side.trim());
    const dollars = value === "" ? Number.NaN : Number(value);
    if (!isName(name) || !(dollars >= 0 && dollars < Number.POSITIVE_INFINITY)) throw wrongPrice();
    price[NAMES[name]] = dollars;
  }
  const { input, output, ...others } = price;
  if (input === undefined || output === undefined) throw wrongPrice();
  return { input, output, ...(others.cachedInput === undefined ? {} : { cachedInput: others.cachedInput }) };
}

function isName(name: string): name is keyof typeof NAMES {
  return Object.hasOwn(NAMES, name);
}

function wrongPrice(): InvalidArgumentError {
  return new InvalidArgumentError(
    "Expected US dollars per million tokens, such as input=0.4,output=1.6 and optionally cached=0.1.",
  );
}
