import type { JsonObject } from "../../json-value.ts";
import { wordsOf } from "./text-for-key.ts";
import type { Place } from "./place.ts";

/** Makes a number within the schema's bounds that is sensible for its key. */
export function numberFor(schema: JsonObject, place: Place, isInteger: boolean): number {
  const grid = bound(schema["multipleOf"], isInteger ? 1 : 0);
  const margin = isInteger ? 1 : 1e-6;
  const least = Math.max(
    bound(schema["minimum"], -Infinity),
    bound(schema["exclusiveMinimum"], -Infinity) + margin,
  );
  const most = Math.min(
    bound(schema["maximum"], Infinity),
    bound(schema["exclusiveMaximum"], Infinity) - margin,
  );
  const wanted = Math.min(Math.max(wantedNumber(place, isInteger, least, most), least), most);
  const step = isInteger ? Math.max(1, grid) : grid;
  if (step === 0) return wanted;
  const onGrid = (value: number): number => Number.parseFloat((value * step).toPrecision(12));
  const below = onGrid(Math.floor(wanted / step));
  return below >= least ? below : onGrid(Math.ceil(least / step));
}

function wantedNumber(
  { content, key, index }: Place,
  isInteger: boolean,
  least: number,
  most: number,
): number {
  const words = wordsOf(key);
  if (words.includes("year")) return content.year();
  const isRange = Number.isFinite(least) && Number.isFinite(most);
  const share = (content.sentimentScore() + 1) / 2;
  if (words.some((word) => /^(?:rating|score|stars?|sentiment|polarity)$/.test(word)))
    return isRange ? least + share * (most - least) : share;
  if (words.some((word) => /^(?:confidence|probability|certainty|likelihood)$/.test(word)))
    return isInteger ? 90 : 0.9;
  if (words.some((word) => /^(?:index|number|rank|position|order|id)$/.test(word))) return index + 1;
  if (isRange) return least + ((content.seed % 7) / 8) * (most - least);
  return 1 + ((content.seed + index) % 10);
}

function bound(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
