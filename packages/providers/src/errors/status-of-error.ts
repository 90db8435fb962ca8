import { fieldsOf } from "../json-fields.ts";

/** The HTTP status for the words of an error's code. */
const STATUSES: readonly (readonly [words: RegExp, status: number])[] = [
  [/invalid.argument|invalid.request/i, 400],
  [/unauthenticated|credentials/i, 401],
  [/permission/i, 403],
  [/not.found/i, 404],
  [/exhausted|rate.limit/i, 429],
  [/unavailable|capacity|overloaded/i, 503],
];

/** The status of an error in a successful response: its code is the number, or has words that stand for it. */
export function statusOfError(body: unknown): number {
  const { code: outer, error } = fieldsOf(body);
  const code = fieldsOf(error)["code"] ?? outer;
  const number = Number(code);
  if (number >= 400 && number < 600) return number;
  if (typeof code !== "string") return 500;
  return STATUSES.find(([words]) => words.test(code))?.[1] ?? 500;
}
