import { stringifyJson } from "./json/parse-json.ts";

/**
 * A cell as text, for prompts, CSV and training files: text as it stands, numbers, bigints and booleans as they are
 * printed, dates as ISO 8601, and all else as {@linkcode stringifyJson} writes it; what says of itself that it is a
 * text, such as a URL, without quotes. `undefined` for null, `undefined` and what has no text: functions, symbols
 * and invalid dates.
 *
 * @throws TypeError where the cell has a circle in it
 */
export function cellText(cell: unknown): string | undefined {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number" || typeof cell === "boolean" || typeof cell === "bigint") return String(cell);
  if (cell === undefined || cell === null) return undefined;
  const json = stringifyJson(cell);
  if (json === undefined || json === "null") return undefined;
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}
