import type { JSX } from "preact";
import type { RunList } from "../src/wire.ts";
import { RunTable } from "./run-table.tsx";
import { RunView } from "./run-view.tsx";
import { useAddress } from "./use-address.ts";
import { useAsked } from "./use-asked.ts";

const LIVE_MS = 1000;
const CALM_MS = 5000;

/** The whole page: the runs of the journal, or one of them. */
export function App(): JSX.Element {
  const address = useAddress();
  const { value, error } = useAsked<RunList>("/runs", (list) =>
    list?.runs.some(({ standing }) => standing === "running") ? LIVE_MS : CALM_MS,
  );
  const run = value?.runs.find(({ id }) => id === address.run);
  return (
    <>
      <header class="top">
        <a class="home" href="#/">
          parrot
        </a>
        <span class="journal">{value?.journal}</span>
        {error === undefined ? null : (
          <span class="error" role="alert">
            {error.message}
          </span>
        )}
      </header>
      <main>
        {address.run === undefined ? (
          <RunTable list={value} />
        ) : run === undefined ? (
          <p class="empty">{value === undefined ? "" : `There is no run ${address.run} in this journal.`}</p>
        ) : (
          <RunView key={run.id} run={run} runs={value?.runs ?? []} address={address} />
        )}
      </main>
    </>
  );
}
