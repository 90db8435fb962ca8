import { InvalidArgumentError } from "commander";

/** Reads `1734=-100,50256=5`: numbers of tokens in the vocabulary of the model, and what is added to their likelihood. */
export function parseLogitBias(text: string): Readonly<Record<string, number>> {
  const biases = text.split(",").map((part) => /^\s*(\d+)\s*=\s*([-+]?[\d.]+)\s*$/.exec(part));
  return Object.fromEntries(
    biases.map((match) => {
      const [, token, bias] = match ?? [];
      if (token === undefined || Number.isNaN(Number(bias))) throw wrongBias();
      return [token, Number(bias)] as const;
    }),
  );
}

function wrongBias(): InvalidArgumentError {
  return new InvalidArgumentError(
    "Expected the numbers of tokens and what is added to their likelihood, such as 1734=-100,50256=5.",
  );
}
