import { ParrotError } from "@parallel-parrot/core";

/** Throws for a text that CSV cannot have between its cells. */
export function requireDelimiter(delimiter: string): void {
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use the option delimiter: expected one character that is not a quote or line end, got ${JSON.stringify(delimiter)}`,
    { option: "delimiter" },
  );
}
