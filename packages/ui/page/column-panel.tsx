import type { JSX } from "preact";
import type { Distribution, RunOverview, Spread } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { count, counted } from "./format.ts";
import { useAsked } from "./use-asked.ts";
import { withParameters } from "./use-address.ts";
import { visible } from "./visible.ts";

interface ColumnPanelProps {
  readonly run: number;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
  readonly version: RunOverview["reading"]["version"];
}

/** The column that the filter names: its cells among the rows that the rest of the filter leaves. */
export function ColumnPanel({ run, filter, change, version }: ColumnPanelProps): JSX.Element | null {
  const name = filter.get("column");
  const of = filter.get("of") ?? "input";
  const others = withParameters(filter, { column: undefined, of: undefined, cell: undefined, is: undefined });
  const query = new URLSearchParams([
    ...others,
    ["shown", name ?? ""],
    ["shown-of", of],
    ["version", String(version)],
  ]);
  const path = name === null ? undefined : `/runs/${run}/column?${query.toString()}`;
  const { value, path: shown } = useAsked<Distribution>(path);
  if (name === null || value === undefined) return null;
  const isCurrent = shown === path;
  const { cells, empty, distinct, values, numbers, lengths } = value;
  // Values of which most are there once say nothing together.
  const areCategories = distinct <= values.length || distinct * 2 < cells;
  const chosen = filter.get("is") === "equal" ? filter.get("cell") : undefined;
  return (
    <section class={isCurrent ? "column" : "column old"} aria-label={`Cells of ${name}`}>
      <p class="faint">
        {counted(cells, "cell")}
        {empty === 0 ? "" : `, ${count(empty)} empty`}, {count(distinct)} different
      </p>
      {areCategories ? (
        <div class="values">
          {values.map((group) => (
            <button
              key={group.value}
              type="button"
              class={chosen === group.value ? "value chosen" : "value"}
              aria-pressed={chosen === group.value}
              title={visible(group.value)}
              onClick={() =>
                change(
                  chosen === group.value
                    ? { cell: undefined, is: undefined }
                    : { cell: group.value, is: "equal" },
                )
              }
            >
              <i style={{ width: `${(100 * group.rows) / (values[0]?.rows ?? 1)}%` }} />
              <span>{visible(group.value)}</span>
              <b>{count(group.rows)}</b>
            </button>
          ))}
        </div>
      ) : null}
      {numbers === undefined ? (
        areCategories ? null : (
          <Bars spread={lengths} unit=" characters" />
        )
      ) : (
        <Bars spread={numbers} unit="" />
      )}
    </section>
  );
}

/** How many numbers are in each of some parts of the same width. */
function Bars({ spread, unit }: { readonly spread: Spread; readonly unit: string }): JSX.Element {
  const { least, average, greatest, bars } = spread;
  const most = Math.max(1, ...bars);
  return (
    <figure class="bars">
      <div>
        {bars.map((rows, at) => (
          <i key={at} title={count(rows)} style={{ height: `${(100 * rows) / most}%` }} />
        ))}
      </div>
      <figcaption class="faint">
        {rounded(least)} to {rounded(greatest)}
        {unit}, on average {rounded(average)}
      </figcaption>
    </figure>
  );
}

function rounded(number: number): string {
  return count(Math.round(number * 100) / 100);
}
