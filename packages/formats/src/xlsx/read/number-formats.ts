/** What a number in a cell stands for, as its number format says. */
export type NumberKind = "number" | "date" | "time" | "timestamp" | "duration";

/** The formats that have a number instead of a text, and stand for a date or time in every language of Excel. */
const BUILT_IN: ReadonlyMap<number, NumberKind> = new Map<number, NumberKind>([
  ...[14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, "date"] as const),
  ...[18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56].map((id) => [id, "time"] as const),
  [22, "timestamp"],
  [46, "duration"],
]);

/** What a built-in format stands for. */
export function kindOfBuiltIn(id: number): NumberKind {
  return BUILT_IN.get(id) ?? "number";
}

/** What a format code such as `yyyy-mm-dd` stands for. Codes are the same in every language of Excel. */
export function kindOfCode(code: string): NumberKind {
  const bare = bareCode(code);
  if (/\[(?:h+|m+|s+)\]/.test(bare)) return "duration";
  const letters = bare.replace(/\[[^\]]*\]?/g, "").replace(/general/g, "");
  const isTime = /[hs]|am\/pm|a\/p/.test(letters);
  // `m` is minutes beside hours or seconds, and otherwise months.
  const isDate = /[yd]|m{3}/.test(letters) || (!isTime && letters.includes("m"));
  if (isDate) return isTime ? "timestamp" : "date";
  return isTime ? "time" : "number";
}

/** The first section of a code, that of positive numbers, without texts that are shown as they stand. */
function bareCode(code: string): string {
  const bare = code.replace(/"[^"]*"?|\\.|[_*]./gs, "").toLowerCase();
  return bare.split(";", 1)[0] ?? "";
}
