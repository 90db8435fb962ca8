import { InvalidArgumentError } from "commander";

/** What the name of a split may be: it is a part of file names. */
const NAME = /^\w{1,64}$/;

/** Reads `train=0.9,test=0.1`. Whether they add up to 1 is checked where rows are split. */
export function parseShares(text: string): Readonly<Record<string, number>> {
  const shares = text.split(",").map((part) => {
    const [name = "", value = ""] = part.split("=").map((side) => side.trim());
    return [name, value === "" ? Number.NaN : Number(value)] as const;
  });
  const isTwice = new Set(shares.map(([name]) => name)).size < shares.length;
  if (isTwice || !shares.every(([name, share]) => isShare(name, share))) {
    throw new InvalidArgumentError("Expected names and shares that add up to 1, such as train=0.9,test=0.1.");
  }
  return Object.fromEntries(shares);
}

/** Whether something is the share of a split. It may come from a stranger's journal, and be of any type. */
export function isShare(name: string, share: unknown): boolean {
  return NAME.test(name) && typeof share === "number" && share > 0 && share <= 1;
}
