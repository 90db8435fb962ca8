import type { ComponentChildren, JSX, RefObject } from "preact";
import { ROW_STATES, type RunOverview } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { count } from "./format.ts";
import { MoreFilters } from "./more-filters.tsx";
import { TypedText } from "./typed-text.tsx";
import { useAsked } from "./use-asked.ts";
import { visible } from "./visible.ts";

interface FilterBarProps {
  readonly run: number;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
  readonly overview: RunOverview | undefined;
  readonly version: string;
  readonly search: RefObject<HTMLInputElement | null>;
  /** What else is chosen here. */
  readonly children: ComponentChildren;
}

const ORDERS: Readonly<Record<string, string>> = {
  place: "in the order of the input",
  duration: "slowest first",
  tokens: "most tokens first",
  cost: "dearest first",
  attempts: "most attempts first",
  outputs: "most outputs first",
};

/** Search, a condition on a column, further ones behind a button, and the order. */
export function FilterBar({
  run,
  filter,
  change,
  overview,
  version,
  search,
  children,
}: FilterBarProps): JSX.Element {
  const { value: found } = useAsked<{ readonly rows: number }>(
    `/runs/${run}/count?${filter.toString()}&version=${encodeURIComponent(version)}`,
  );
  const all = overview === undefined ? 0 : ROW_STATES.reduce((sum, state) => sum + overview.states[state], 0);
  const column = `${filter.get("of") ?? "input"} ${filter.get("column") ?? ""}`;
  return (
    <div class="bar">
      <TypedText
        label="Search in the input, answers and messages"
        placeholder="Search  /"
        value={filter.get("text") ?? ""}
        set={(text) => change({ text })}
        field={search}
        class="search"
      />
      <span class="condition">
        <select
          aria-label="Column"
          value={filter.has("column") ? column : ""}
          onChange={({ currentTarget: { value } }) => {
            const [of = "", ...name] = value.split(" ");
            change(
              value === ""
                ? { column: undefined, of: undefined, cell: undefined, is: undefined }
                : { of, column: name.join(" ") },
            );
          }}
        >
          <option value="">any column</option>
          {(["input", "output"] as const).map((of) => (
            <optgroup key={of} label={of}>
              {(of === "input" ? overview?.inputColumns : overview?.outputColumns)?.map((name) => (
                <option key={name} value={`${of} ${name}`}>
                  {visible(name)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        {filter.has("column") ? (
          <>
            <select
              aria-label="How the cell is compared"
              value={filter.get("is") ?? "containing"}
              onChange={({ currentTarget: { value } }) =>
                change({ is: value === "equal" ? value : undefined })
              }
            >
              <option value="containing">contains</option>
              <option value="equal">is</option>
            </select>
            <TypedText
              label="Cell"
              placeholder="text"
              value={filter.get("cell") ?? ""}
              set={(cell) => change({ cell })}
            />
          </>
        ) : null}
      </span>
      <MoreFilters filter={filter} change={change} overview={overview} />
      <select
        aria-label="Order"
        value={filter.get("order") ?? "place"}
        onChange={({ currentTarget: { value } }) => change({ order: value === "place" ? undefined : value })}
      >
        {Object.entries(ORDERS).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      {children}
      <output class="found">{found === undefined ? "" : `${count(found.rows)} of ${count(all)} rows`}</output>
    </div>
  );
}
