import type { ChangedValue, ColumnAgreement } from "../wire.ts";
import { MOST_CATEGORIES, type ColumnTexts } from "./column-texts.ts";

/** What was found of a row in a column. */
export const COMPARED = { unknown: 0, same: 1, changed: 2 } as const;

/** The most changes of values that are told. */
const MOST_CHANGES = 12;

interface ColumnPair {
  /** By places: what became of the row. */
  readonly found: Uint8Array;
  readonly agreement: Omit<ColumnAgreement, "column" | "other">;
}

/** Compares what a column has in matched rows. @param places where the row is in the other run, by its place here */
export function compareColumn(here: ColumnTexts, there: ColumnTexts, places: Int32Array): ColumnPair {
  const found = new Uint8Array(places.length);
  const counts = { here: new Map<number, number>(), there: new Map<number, number>() };
  const changes = new Map<string, ChangedValue & { rows: number }>();
  const areCategories = here.values.size <= MOST_CATEGORIES && there.values.size <= MOST_CATEGORIES;
  let [rows, same] = [0, 0];
  for (let place = 0; place < places.length; place += 1) {
    const [value = 0, other = 0] = [here.numbers[place], there.numbers[places[place] ?? -1]];
    if (value === 0 || other === 0) continue;
    rows += 1;
    if (value === other) same += 1;
    found[place] = value === other ? COMPARED.same : COMPARED.changed;
    if (!areCategories) continue;
    counts.here.set(value, (counts.here.get(value) ?? 0) + 1);
    counts.there.set(other, (counts.there.get(other) ?? 0) + 1);
    if (value === other) continue;
    const key = `${other} ${value}`;
    const change = changes.get(key);
    if (change === undefined)
      changes.set(key, {
        from: there.values.get(other) ?? "",
        to: here.values.get(value) ?? "",
        rows: 1,
      });
    else change.rows += 1;
  }
  const kappa = areCategories ? kappaOf(same / rows, counts, rows) : undefined;
  return {
    found,
    agreement: {
      rows,
      same,
      ...(kappa === undefined ? {} : { kappa }),
      changes: [...changes.values()].toSorted((a, b) => b.rows - a.rows).slice(0, MOST_CHANGES),
    },
  };
}

/** Cohen's kappa: agreement beyond that of chance. `undefined` where chance alone would agree always. */
function kappaOf(
  share: number,
  counts: { readonly here: ReadonlyMap<number, number>; readonly there: ReadonlyMap<number, number> },
  rows: number,
): number | undefined {
  let chance = 0;
  for (const [value, count] of counts.here)
    chance += (count / rows) * ((counts.there.get(value) ?? 0) / rows);
  return rows === 0 || chance === 1 ? undefined : (share - chance) / (1 - chance);
}
