import type { JSX } from "preact";
import type { ListedRun } from "../src/wire.ts";

/** How a run stands, in a word and a colour. */
export function Standing({ run }: { readonly run: ListedRun }): JSX.Element {
  const { standing, kind, stopped } = run;
  const what = kind === "run" ? standing : `${kind}, ${standing}`;
  return (
    <span class={`standing ${standing}`} title={stopped ?? ""}>
      {what}
    </span>
  );
}
