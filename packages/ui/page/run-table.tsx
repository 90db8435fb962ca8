import type { JSX } from "preact";
import type { ListedRun, RunList } from "../src/wire.ts";
import { count, dollars, duration, short, time } from "./format.ts";
import { Standing } from "./standing.tsx";
import { visible } from "./visible.ts";

/** The runs of the journal, the newest first. */
export function RunTable({ list }: { readonly list: RunList | undefined }): JSX.Element {
  if (list === undefined) return <p class="empty" />;
  if (list.runs.length === 0)
    return <p class="empty">Nothing was run with this journal yet. What is run from now on comes up here.</p>;
  return (
    <div class="scroll">
      <table class="runs">
        <thead>
          <tr>
            <th class="number">run</th>
            <th>state</th>
            <th>when</th>
            <th>input</th>
            <th>model and prompt</th>
            <th class="number">rows</th>
            <th class="number">failed</th>
            <th class="number">tokens in</th>
            <th class="number">out</th>
            <th class="number">cost</th>
            <th class="number">took</th>
          </tr>
        </thead>
        <tbody>
          {list.runs.toReversed().map((run) => (
            <RunLine key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunLine({ run }: { readonly run: ListedRun }): JSX.Element {
  const open = run.closed === undefined;
  const { live } = run;
  const failed = live?.failed ?? run.failed;
  return (
    <tr
      class={open ? "open" : "closed"}
      title={run.closed ?? ""}
      onClick={open ? () => goToRun(run.id) : undefined}
    >
      <td class="number">{open ? <a href={`#/run/${run.id}`}>{run.id}</a> : run.id}</td>
      <td>
        <Standing run={run} />
      </td>
      <td class="when">{time(run.touchedAt)}</td>
      <td class="cut">{visible(run.inputs)}</td>
      <td class="cut wide">
        <span class="model">{visible(run.model)}</span> <span class="faint">{visible(run.prompt)}</span>
      </td>
      <td class="number">
        {count(live?.done ?? run.rows)}
        {live?.total === undefined ? null : (
          <>
            <span class="faint"> of {count(live.total)}</span>
            <progress value={live.done} max={Math.max(live.total, 1)} />
          </>
        )}
      </td>
      <td class={failed > 0 ? "number bad" : "number faint"}>{count(failed)}</td>
      <td class="number">{short(run.inputTokens)}</td>
      <td class="number">{short(run.outputTokens)}</td>
      <td class="number">{dollars(live?.cost ?? run.cost)}</td>
      <td class="number">{timeOf(run)}</td>
    </tr>
  );
}

/** How long it took, or will take yet. */
function timeOf({ ms, live }: ListedRun): string {
  if (live?.leftMs !== undefined) return `${duration(live.leftMs)} left`;
  return ms === undefined ? "" : duration(ms);
}

function goToRun(id: number): void {
  location.hash = `#/run/${id}`;
}
