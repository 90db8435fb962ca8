import { InvalidArgumentError } from "commander";
import type { MaxFailures } from "parallel-parrot";

/** Reads `--max-failures`: a number of rows such as `50`, or a share of them such as `2%`. */
export function parseMaxFailures(text: string): MaxFailures {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? [];
  const value = Number(digits);
  if (percent === "%" && value <= 100) return { share: value / 100 };
  if (percent === "" && Number.isInteger(value)) return { rows: value };
  throw new InvalidArgumentError("Expected a number of rows such as 50, or a share such as 2%.");
}
