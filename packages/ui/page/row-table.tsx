import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RowLine, RunOverview } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { TableLine } from "./table-line.tsx";
import type { Rows } from "./use-rows.ts";
import { visible } from "./visible.ts";

interface RowTableProps {
  readonly rows: Rows;
  readonly overview: RunOverview | undefined;
  readonly opened: number | undefined;
  readonly open: (place: number | undefined) => void;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
}

/** Columns of each kind that are shown; an opened row has all of them. */
const MOST_COLUMNS = 4;
/** The same while a row is opened. */
const FEWER_COLUMNS = 2;

/** The rows that the filter leaves. More come as one scrolls to the end. */
export function RowTable({ rows, overview, opened, open, filter, change }: RowTableProps): JSX.Element {
  const most = opened === undefined ? MOST_COLUMNS : FEWER_COLUMNS;
  const inputs = chosenColumns(
    overview?.inputColumns,
    rows.lines.map(({ input }) => input),
    most,
  );
  const outputs = chosenColumns(
    overview?.outputColumns,
    rows.lines.map(({ output }) => output),
    most,
  );
  return (
    <div class="scroll">
      {rows.lines.length === 0 ? (
        <Empty rows={rows} overview={overview} isFiltered={filter.size > 0} change={change} filter={filter} />
      ) : (
        <table class="lines">
          <colgroup>
            <col class="place" />
            {widthsOf(rows.lines, inputs, outputs).map((width, at) => (
              <col key={at} style={{ width }} />
            ))}
            <col class="measure" />
            <col class="measure" />
          </colgroup>
          <thead>
            <tr>
              <th class="number place">row</th>
              {inputs.map((name) => (
                <th key={name}>{visible(name)}</th>
              ))}
              {outputs.length === 0 ? <th class="made">answer</th> : null}
              {outputs.map((name, at) => (
                <th key={name} class={at === 0 ? "made" : ""}>
                  {visible(name)}
                </th>
              ))}
              <th class="number measure">tokens</th>
              <th class="number measure">time</th>
            </tr>
          </thead>
          <tbody>
            {rows.lines.map((line) => (
              <TableLine
                key={line.place}
                line={line}
                inputs={inputs}
                outputs={outputs}
                isOpened={line.place === opened}
                open={open}
              />
            ))}
          </tbody>
        </table>
      )}
      {rows.hasMore ? <End more={rows.more} /> : null}
    </div>
  );
}

/** So many columns, in their order: of more, those with the longest texts. */
function chosenColumns(
  columns: readonly string[] = [],
  cells: readonly Readonly<Record<string, string>>[],
  most: number,
): readonly string[] {
  if (columns.length <= most) return columns;
  const seen = cells.slice(0, SEEN_ROWS);
  const shares = columns.map((name) =>
    shareOf(
      name,
      seen.map((row) => row[name]),
    ),
  );
  const byShare = [...columns.keys()].toSorted((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
  const chosen = new Set(byShare.slice(0, most));
  return columns.filter((_, at) => chosen.has(at));
}

const SEEN_ROWS = 50;

/** The widths of the columns of cells, by how long the texts in them are. */
function widthsOf(
  lines: readonly RowLine[],
  inputs: readonly string[],
  outputs: readonly string[],
): string[] {
  const seen = lines.slice(0, SEEN_ROWS);
  const shares = [
    ...inputs.map((name) =>
      shareOf(
        name,
        seen.map(({ input }) => input[name]),
      ),
    ),
    ...(outputs.length === 0 ? [30] : []),
    ...outputs.map((name) =>
      shareOf(
        name,
        seen.map(({ output }) => output[name]),
      ),
    ),
  ];
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => `${(100 * share) / sum}%`);
}

const [LEAST_SHARE, MOST_SHARE] = [6, 44];
/** What the space around a cell takes, in characters. */
const PADDING = 6;

function shareOf(name: string, cells: readonly (string | undefined)[]): number {
  const lengths = cells.flatMap((cell) => (cell === undefined ? [] : [cell.length]));
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return Math.min(MOST_SHARE, Math.max(LEAST_SHARE, name.length, average) + PADDING);
}

/** Asks for more rows when it comes into view. */
function End({ more }: { readonly more: () => void }): JSX.Element {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mark.current === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && more(), {
      rootMargin: "600px",
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  });
  return <div ref={mark} class="end" />;
}

interface EmptyProps extends Pick<RowTableProps, "rows" | "overview" | "filter" | "change"> {
  readonly isFiltered: boolean;
}

function Empty({ rows, overview, isFiltered, filter, change }: EmptyProps): JSX.Element {
  if (rows.error !== undefined) return <p class="empty">{rows.error.message}</p>;
  if (rows.path === undefined || overview === undefined || overview.reading.state === "reading")
    return <p class="empty" />;
  if (!isFiltered) return <p class="empty">This run has no rows that can be shown.</p>;
  return (
    <p class="empty">
      No row fits all of these conditions.{" "}
      <button
        type="button"
        onClick={() => change(Object.fromEntries(Array.from(filter.keys(), (name) => [name, undefined])))}
      >
        Show all rows
      </button>
    </p>
  );
}
