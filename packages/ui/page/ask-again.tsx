import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ListedRun, RowLine, RunOverview } from "../src/wire.ts";
import { AskError, send } from "./ask.ts";
import { count, counted, dollars } from "./format.ts";
import { visible } from "./visible.ts";

interface AskAgainProps {
  readonly run: ListedRun;
  readonly overview: RunOverview | undefined;
  /** The row that is opened. */
  readonly line: RowLine | undefined;
  /** Whether a process writes to the journal. */
  readonly isBusy: boolean;
}

interface Choice {
  readonly value: string;
  readonly words: string;
  readonly rows: number;
  readonly sent: { readonly rows?: readonly number[]; readonly codes?: readonly string[] };
  readonly flag: string;
}

/** Has failed rows asked again, and says before what is asked and what it costs. Nothing where none has failed. */
export function AskAgain({ run, overview, line, isBusy }: AskAgainProps): JSX.Element | null {
  const [chosen, choose] = useState<string>();
  const [told, tell] = useState("");
  const [isSending, setSending] = useState(false);
  const choices = choicesOf(overview, line);
  const isOver = run.standing === "finished" || run.standing === "stopped";
  const isOwn = run.kind === "run" || run.kind === "retry";
  if (!isOver || !isOwn || run.closed !== undefined || choices.length === 0) return null;
  const choice = choices.find(({ value }) => value === chosen) ?? choices[0];
  if (choice === undefined) return null;
  const start = async (): Promise<void> => {
    setSending(true);
    tell("");
    try {
      await send(`/runs/${run.id}/ask-again`, choice.sent);
      tell("They are being asked: the list of runs shows it as the newest.");
    } catch (error) {
      tell(error instanceof AskError ? error.message : String(error));
    }
    setSending(false);
  };
  return (
    <details class="again">
      <summary>Ask failed rows again</summary>
      <p>
        <select
          aria-label="Which rows are asked again"
          value={choice.value}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {choices.map(({ value, words }) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>{" "}
        <button type="button" disabled={isSending || isBusy} onClick={() => void start()}>
          Ask
        </button>
      </p>
      <p class="faint">
        {costOf(run, choice.rows + (overview?.states.missing ?? 0))} The same as{" "}
        <code>
          parrot retry-failed {run.id}
          {choice.flag}
        </code>
        , which writes the output anew.
        {isBusy ? " A run holds the journal: it can begin when that has ended." : ""}
      </p>
      <p class="notice" role="status">
        {visible(told)}
      </p>
    </details>
  );
}

function choicesOf(overview: RunOverview | undefined, line: RowLine | undefined): readonly Choice[] {
  const { failures = [], states } = overview ?? {};
  if (states === undefined || states.failed === 0) return [];
  const byCode = new Map<string, number>();
  for (const { code, rows } of failures) byCode.set(code, (byCode.get(code) ?? 0) + rows);
  const missing = states.missing === 0 ? "" : `, and ${count(states.missing)} without an answer`;
  return [
    ...(line?.state === "failed"
      ? [
          {
            value: "row",
            words: `row ${count(line.origin)}${missing}`,
            rows: 1,
            sent: { rows: [line.origin] },
            flag: ` --row ${line.origin}`,
          },
        ]
      : []),
    ...Array.from(byCode, ([code, rows]) => ({
      value: code,
      words: `${counted(rows, "row")} with ${code}${missing}`,
      rows,
      sent: { codes: [code] },
      flag: ` --code ${code}`,
    })),
    {
      value: "",
      words: `all that may be answered now, of ${counted(states.failed, "failed row")}${missing}`,
      rows: states.failed,
      sent: {},
      flag: "",
    },
  ];
}

/** What asking so many rows is likely to cost: as much as the requests of the run have cost so far. */
function costOf({ cost, requests, inputTokens, outputTokens }: ListedRun, rows: number): string {
  const each = rows / Math.max(1, requests);
  const tokens = Math.round((inputTokens + outputTokens) * each);
  const money = cost === 0 ? "" : `, about ${dollars(cost * each)}`;
  return `At most ${counted(rows, "row")}${money}, about ${counted(tokens, "token")}, by what requests of this run have taken.`;
}
