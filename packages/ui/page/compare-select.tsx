import type { JSX } from "preact";
import type { ListedRun, RunOverview } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { visible } from "./visible.ts";

interface CompareSelectProps {
  readonly run: ListedRun;
  readonly runs: readonly ListedRun[];
  readonly overview: RunOverview | undefined;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
}

/** Chooses the run, or the model of this run, that its rows are compared with. */
export function CompareSelect({
  run,
  runs,
  overview,
  filter,
  change,
}: CompareSelectProps): JSX.Element | null {
  const others = runs.filter(({ id, closed }) => id !== run.id && closed === undefined).toReversed();
  const models = overview?.models ?? [];
  if (others.length === 0 && models.length < 2 && !filter.has("with")) return null;
  const chosen = filter.has("with") ? `${filter.get("with")} ${filter.get("with-model") ?? ""}`.trim() : "";
  return (
    <select
      aria-label="Compare with"
      value={chosen}
      onChange={({ currentTarget: { value } }) => {
        const [id, ...model] = value.split(" ");
        change({
          with: id,
          "with-model": model.join(" "),
          compared: undefined,
          "compared-column": undefined,
        });
      }}
    >
      <option value="">compare with …</option>
      {models.map(({ value }) => (
        <option key={value} value={`${run.id} ${value}`}>
          this run, {visible(value)}
        </option>
      ))}
      {others.map(({ id, model, prompt }) => (
        <option key={id} value={String(id)}>
          run {id}: {visible(`${model} ${prompt}`.slice(0, 60))}
        </option>
      ))}
    </select>
  );
}
