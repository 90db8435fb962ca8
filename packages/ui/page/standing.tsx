import type { JSX } from "preact";
import type { ListedRun } from "../src/wire.ts";

/** How a run stands, in a word and a colour. */
export function Standing({ run }: { readonly run: ListedRun }): JSX.Element {
  const { standing, kind, stopped } = run;
  const word = wordOf(run);
  const what = kind === "run" ? word : `${kind}, ${word}`;
  return (
    <span class={`standing ${standing}`} title={stopped ?? ""}>
      {what}
    </span>
  );
}

/** One that goes on may only wait, for what is in flight or for something else. */
function wordOf({ standing, live }: ListedRun): string {
  if (standing !== "running" || live === undefined) return standing;
  if (live.isStopping) return "stopping";
  return live.inFlight === 0 && live.waits.length > 0 ? "waiting" : standing;
}
