import { counted, quoteAll } from "@parallel-parrot/core";
import { shownAddress } from "@parallel-parrot/formats";
import { nameInputs } from "./input-names.ts";
import type { RowInput } from "./row-input.ts";

/** Inputs whose columns are told one by one. */
const MAX_SHOWN = 3;

/** What a person should know of several inputs: which they are, which are left out, and whose columns differ. */
export async function describeInputs(input: RowInput): Promise<readonly string[]> {
  const { inputs, leftOut } = input;
  return [
    ...(inputs.length === 1 ? [] : [describeFiles(inputs)]),
    ...(leftOut.length === 0
      ? []
      : [
          `${counted(leftOut.length, "file is", "files are")} of no known format and left out: ${nameInputs(leftOut)}`,
        ]),
    ...(await describeMissing(input)),
  ];
}

function describeFiles(given: readonly string[]): string {
  const inputs = given.map(shownAddress);
  const [first = "", last = ""] = [inputs[0], inputs.at(-1)];
  return `The rows are those of ${counted(inputs.length, "input")}: ${inputs.length <= MAX_SHOWN ? inputs.join(", ") : `${first} to ${last}`}`;
}

async function describeMissing(input: RowInput): Promise<readonly string[]> {
  const headers = await input.headers();
  const all = new Set(headers.flatMap(({ columns }) => columns));
  const lacking = headers.flatMap(({ name, columns }) => {
    const missing = [...all].filter((column) => !columns.includes(column));
    return missing.length === 0 ? [] : [`${name} has no ${quoteAll(missing)}`];
  });
  const more =
    lacking.length > MAX_SHOWN ? [`and ${lacking.length - MAX_SHOWN} more inputs lack columns`] : [];
  return lacking.length === 0
    ? []
    : [
        `The inputs differ in their columns, which stay empty there: ${[...lacking.slice(0, MAX_SHOWN), ...more].join("; ")}`,
      ];
}
