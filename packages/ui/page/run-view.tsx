import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { LabelCounts, ListedRun, RunOverview } from "../src/wire.ts";
import { AskAgain } from "./ask-again.tsx";
import { ColumnPanel } from "./column-panel.tsx";
import { CompareSelect } from "./compare-select.tsx";
import { ComparisonPanel } from "./comparison-panel.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { Facets } from "./facets.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { RowPanel } from "./row-panel.tsx";
import { RowTable } from "./row-table.tsx";
import { RunHead } from "./run-head.tsx";
import { goTo, withParameters, type Address } from "./use-address.ts";
import { useAsked } from "./use-asked.ts";
import { useKeys } from "./use-keys.ts";
import { useRows } from "./use-rows.ts";

const READING_MS = 400;
const LIVE_MS = 2000;

/** One run: what its rows come to, the rows that a filter leaves, and the one that is opened. */
export function RunView({
  run,
  runs,
  address,
}: {
  readonly run: ListedRun;
  readonly runs: readonly ListedRun[];
  readonly address: Address;
}): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  const { filter, row } = address;
  const overview = useAsked<RunOverview>(`/runs/${run.id}/overview`, (value) => {
    if (value === undefined || value.reading.state === "reading") return READING_MS;
    return run.standing === "running" ? LIVE_MS : undefined;
  });
  const { reading } = overview.value ?? {};
  // While rows are read, more of them come up; what is there stays.
  const isGrowing = reading?.state === "reading";
  const version = `${reading?.version ?? 0} ${isGrowing ? Math.min(reading.rows, 100) : "whole"}`;
  const [labelled, setLabelled] = useState(0);
  const shown = `${version} ${labelled}`;
  const rows = useRows(`/runs/${run.id}/rows?${filter.toString()}`, shown);
  const { value: labels } = useAsked<LabelCounts>(
    `/runs/${run.id}/labels?shown=${encodeURIComponent(shown)}`,
  );
  const change = (changes: Readonly<Record<string, string | undefined>>): void =>
    goTo({ ...address, row: undefined, filter: withParameters(filter, changes) }, false);
  const open = (place: number | undefined, isStep = true): void => goTo({ ...address, row: place }, isStep);
  useKeys({ rows, opened: row, open, search });
  return (
    <div class={row === undefined ? "run" : "run with-row"}>
      <RunHead run={run} reading={reading} error={overview.error}>
        <AskAgain
          run={run}
          overview={overview.value}
          line={rows.lines.find(({ place }) => place === row)}
          isBusy={runs.some(({ standing }) => standing === "running")}
        />
      </RunHead>
      <Facets overview={overview.value} labels={labels} filter={filter} change={change} />
      <section class="rows" aria-label="Rows">
        <FilterBar
          run={run.id}
          filter={filter}
          change={change}
          overview={overview.value}
          version={shown}
          search={search}
        >
          <CompareSelect run={run} runs={runs} overview={overview.value} filter={filter} change={change} />
          <ExportMenu run={run.id} filter={filter} />
        </FilterBar>
        <ComparisonPanel run={run.id} filter={filter} change={change} version={reading?.version ?? 0} />
        <ColumnPanel run={run.id} filter={filter} change={change} version={reading?.version ?? 0} />
        <RowTable
          rows={rows}
          overview={overview.value}
          opened={row}
          open={open}
          filter={filter}
          change={change}
        />
      </section>
      {row === undefined ? null : (
        <RowPanel
          run={run}
          runs={runs}
          place={row}
          isRead={row < (reading?.rows ?? 0)}
          version={reading?.version ?? 0}
          labelled={labelled}
          compared={comparedIn(filter)}
          onLabel={() => setLabelled((times) => times + 1)}
          close={() => open(undefined)}
        />
      )}
    </div>
  );
}

/** The parameters that say with which run rows are compared. */
const COMPARING: ReadonlySet<string> = new Set(["with", "with-model"]);

/** What of a filter says with which run rows are compared. */
function comparedIn(filter: URLSearchParams): string {
  return new URLSearchParams([...filter].filter(([name]) => COMPARING.has(name))).toString();
}
