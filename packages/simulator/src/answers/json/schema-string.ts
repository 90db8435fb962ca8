import type { JsonObject } from "../../json-value.ts";
import { textForKey } from "./text-for-key.ts";
import { stringFromPattern } from "./pattern-string.ts";
import type { Place } from "./place.ts";
import { shorten } from "../prose/sentences.ts";

type FormatWriter = (place: Place) => string;

const FORMATS: Readonly<Record<string, FormatWriter>> = {
  date: dateFor,
  "date-time": (place) => `${dateFor(place)}T12:00:00Z`,
  time: () => "12:00:00Z",
  duration: () => "P1D",
  email: ({ index }) => `name${index + 1}@example.com`,
  hostname: () => "example.com",
  ipv4: ({ index }) => `192.0.2.${(index % 254) + 1}`,
  ipv6: ({ index }) => `2001:db8::${((index % 254) + 1).toString(16)}`,
  uuid: uuidFor,
  uri: ({ index }) => `https://example.com/${index + 1}`,
  "uri-reference": ({ index }) => `/${index + 1}`,
  url: ({ index }) => `https://example.com/${index + 1}`,
};

/** No longer text is made, whatever a schema demands. */
const MAX_LENGTH = 100_000;

/** Makes a string that satisfies the schema and is sensible for its key. */
export function stringFor(schema: JsonObject, place: Place): string {
  const { format, pattern } = schema;
  const least = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
  const minLength = Math.min(least, MAX_LENGTH);
  const maxLength = typeof schema["maxLength"] === "number" ? schema["maxLength"] : Infinity;
  const write = typeof format === "string" && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (write !== undefined) return write(place);
  const text = fit(textForKey(place.key, place.content, place.index), minLength, maxLength);
  return typeof pattern === "string" ? stringFromPattern(pattern, text, { minLength, maxLength }) : text;
}

/** Makes a text fit the bounds of its length, which JSON Schema counts in code points. */
function fit(text: string, minLength: number, maxLength: number): string {
  if (minLength === 0 && text.length <= maxLength) return text;
  const short = shorten(text, maxLength);
  const { length } = Array.from(short);
  if (length >= minLength && length <= maxLength) return short;
  const points = Array.from(text === "" ? "text" : text);
  const wanted = Math.min(Math.max(points.length, minLength), maxLength);
  return Array.from({ length: wanted }, (_, at) => points[at % points.length]).join("");
}

function dateFor({ content, index }: Place): string {
  return `${content.year()}-01-${String((index % 28) + 1).padStart(2, "0")}`;
}

function uuidFor({ content, index }: Place): string {
  const hex = (content.seed + index).toString(16).padStart(12, "0");
  return `00000000-0000-4000-8000-${hex}`;
}
