import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ROW_STATES, type RunOverview } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { count } from "./format.ts";
import { useAsked } from "./use-asked.ts";
import { visible } from "./visible.ts";

interface FilterBarProps {
  readonly run: number;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
  readonly overview: RunOverview | undefined;
  readonly version: string;
  readonly search: RefObject<HTMLInputElement | null>;
}

const ORDERS: Readonly<Record<string, string>> = {
  place: "in the order of the input",
  duration: "slowest first",
  tokens: "most tokens first",
  cost: "dearest first",
  attempts: "most attempts first",
  outputs: "most outputs first",
};

/** Search, a condition on a column, limits of measures, and the order. */
export function FilterBar({ run, filter, change, overview, version, search }: FilterBarProps): JSX.Element {
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
      <Least label="tokens" name="min-tokens" filter={filter} change={change} />
      <Least label="ms" name="min-duration" filter={filter} change={change} />
      <Least label="attempts" name="min-attempts" filter={filter} change={change} />
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
      <output class="found">{found === undefined ? "" : `${count(found.rows)} of ${count(all)} rows`}</output>
    </div>
  );
}

/** How many at least. */
function Least({
  label,
  name,
  filter,
  change,
}: Pick<FilterBarProps, "filter" | "change"> & {
  readonly label: string;
  readonly name: string;
}): JSX.Element {
  return (
    <label class={filter.has(name) ? "least" : "least unset"}>
      {label} ≥
      <TypedText
        label={`At least so many ${label}`}
        placeholder=""
        value={filter.get(name) ?? ""}
        set={(text) => change({ [name]: /^\d*\.?\d+$/.test(text) ? text : undefined })}
      />
    </label>
  );
}

interface TypedTextProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly set: (text: string) => void;
  readonly field?: RefObject<HTMLInputElement | null>;
  readonly class?: string;
}

const PAUSE_MS = 200;

/** A field whose text counts when nothing was typed for a moment. */
function TypedText({ label, placeholder, value, set, field, class: name = "" }: TypedTextProps): JSX.Element {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The page may show something else by the time that the text counts.
  const setNow = useRef(set);
  setNow.current = set;
  useEffect(() => () => clearTimeout(timer.current), []);
  // Something else, such as going back, may have changed it.
  useEffect(() => setTyped(value), [value]);
  return (
    <input
      {...(field === undefined ? {} : { ref: field })}
      type="text"
      class={name}
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      spellcheck={false}
      onInput={({ currentTarget: { value: text } }) => {
        setTyped(text);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setNow.current(text), PAUSE_MS);
      }}
    />
  );
}
