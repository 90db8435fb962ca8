import type { JSX } from "preact";
import type { RunOverview } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { count } from "./format.ts";
import { TypedText } from "./typed-text.tsx";
import { visible } from "./visible.ts";

interface MoreFiltersProps {
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
  readonly overview: RunOverview | undefined;
}

const MEASURES: Readonly<Record<string, string>> = {
  tokens: "tokens",
  duration: "milliseconds",
  attempts: "attempts",
  cost: "dollars",
  outputs: "outputs",
};
const NAMES = ["model", "label"].concat(
  [...Object.keys(MEASURES), "sent"].flatMap((name) => [`min-${name}`, `max-${name}`]),
);

/** Conditions that are wanted less often: by model, by time, by what a row took, and rows without a label. */
export function MoreFilters({ filter, change, overview }: MoreFiltersProps): JSX.Element {
  const set = NAMES.filter((name) => filter.has(name)).length;
  const models = overview?.models ?? [];
  return (
    <details class="more">
      <summary>{set === 0 ? "More filters" : `More filters, ${set} set`}</summary>
      <div>
        {models.length === 0 ? null : (
          <label>
            <span>model</span>
            <select
              aria-label="Model"
              value={filter.get("model") ?? ""}
              onChange={({ currentTarget: { value } }) => change({ model: value })}
            >
              <option value="">any model</option>
              {models.map(({ value, rows }) => (
                <option key={value} value={value}>
                  {visible(value)} ({count(rows)})
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span>label</span>
          <select
            aria-label="Label"
            value={filter.get("label") ?? ""}
            onChange={({ currentTarget: { value } }) => change({ label: value })}
          >
            <option value="">any or none</option>
            <option value="good">good</option>
            <option value="bad">bad</option>
            <option value="noted">with a note</option>
            <option value="none">none</option>
          </select>
        </label>
        {Object.entries(MEASURES).map(([name, words]) => (
          <div key={name}>
            <span>{words}</span>
            {(["min", "max"] as const).map((end) => (
              <TypedText
                key={end}
                label={`${end === "min" ? "Least" : "Most"} ${words}`}
                placeholder={end === "min" ? "from" : "to"}
                value={filter.get(`${end}-${name}`) ?? ""}
                set={(text) => change({ [`${end}-${name}`]: /^\d*\.?\d+$/.test(text) ? text : undefined })}
              />
            ))}
          </div>
        ))}
        <div>
          <span>asked</span>
          {(["min", "max"] as const).map((end) => (
            <input
              key={end}
              type="datetime-local"
              step={1}
              aria-label={end === "min" ? "Asked from" : "Asked until"}
              value={localTime(filter.get(`${end}-sent`))}
              onChange={({ currentTarget: { value } }) =>
                change({ [`${end}-sent`]: value === "" ? undefined : String(new Date(value).getTime()) })
              }
            />
          ))}
        </div>
      </div>
    </details>
  );
}

/** A time as a field for times has it, by the clock of this machine. */
function localTime(text: string | null): string {
  const ms = Number(text ?? Number.NaN);
  if (!Number.isFinite(ms)) return "";
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
