import type { JSX } from "preact";
import { ROW_STATES, type LabelCounts, type RowState, type RunOverview } from "../src/wire.ts";
import { count } from "./format.ts";
import { visible } from "./visible.ts";

export type ChangeFilter = (changes: Readonly<Record<string, string | undefined>>) => void;

interface FacetsProps {
  readonly overview: RunOverview | undefined;
  readonly labels: LabelCounts | undefined;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
}

const STATES: Readonly<Record<RowState, string>> = {
  answered: "answered",
  failed: "failed",
  passed: "not asked, by --when or as a step before failed",
  missing: "without an answer",
};

/** What there is among the rows, each with the number of rows that it leaves when it is chosen. */
export function Facets({ overview, labels, filter, change }: FacetsProps): JSX.Element {
  const { states, failures = [], warnings = [] } = overview ?? {};
  const all = states === undefined ? 0 : ROW_STATES.reduce((sum, state) => sum + states[state], 0);
  const [state, kind, warning] = ["state", "kind", "warning"].map((name) => filter.get(name) ?? undefined);
  return (
    <nav class="facets" aria-label="Choose rows">
      <h2>Rows</h2>
      <Facet
        words="all"
        rows={all}
        isChosen={state === undefined && kind === undefined && warning === undefined}
        choose={() => change({ state: undefined, kind: undefined, code: undefined, warning: undefined })}
      />
      {ROW_STATES.map((each) => {
        const rows = states?.[each] ?? 0;
        if (rows === 0 && each !== "answered" && each !== "failed") return null;
        return (
          <Facet
            key={each}
            words={STATES[each]}
            tone={each}
            rows={rows}
            isChosen={state === each && kind === undefined}
            choose={() =>
              change({
                state: state === each && kind === undefined ? undefined : each,
                kind: undefined,
                code: undefined,
              })
            }
          />
        );
      })}
      {failures.length === 0 ? null : <h2>Why rows failed</h2>}
      {failures.map((group) => (
        <Facet
          key={`${group.code} ${group.value}`}
          code={group.code}
          words={visible(group.example)}
          rows={group.rows}
          isChosen={kind === group.value && filter.get("code") === group.code}
          choose={() =>
            change(
              kind === group.value
                ? { state: undefined, code: undefined, kind: undefined }
                : { state: "failed", code: group.code, kind: group.value },
            )
          }
        />
      ))}
      {warnings.length === 0 ? null : <h2>What was done to answers</h2>}
      {warnings.map((group) => (
        <Facet
          key={group.value}
          code={group.value}
          words=""
          rows={group.rows}
          isChosen={warning === group.value}
          choose={() => change({ warning: warning === group.value ? undefined : group.value })}
        />
      ))}
      <LabelFacets labels={labels} filter={filter} change={change} />
    </nav>
  );
}

const LABELS = { good: "good", bad: "bad", noted: "with a note" } as const;

/** Rows by what a person has said of them, where somebody has. */
function LabelFacets({ labels, filter, change }: Omit<FacetsProps, "overview">): JSX.Element | null {
  const chosen = filter.get("label");
  const names = Object.keys(LABELS) as (keyof typeof LABELS)[];
  if (
    labels === undefined ||
    (chosen === null && labels.note === undefined && names.every((name) => labels[name] === 0))
  )
    return null;
  return (
    <>
      <h2>Your labels</h2>
      {names.map((name) => (
        <Facet
          key={name}
          words={LABELS[name]}
          rows={labels[name]}
          isChosen={chosen === name}
          choose={() => change({ label: chosen === name ? undefined : name })}
        />
      ))}
      {labels.note === undefined ? null : <p class="notice">{visible(labels.note)}</p>}
    </>
  );
}

interface FacetProps {
  readonly words: string;
  readonly code?: string;
  readonly tone?: RowState;
  readonly rows: number;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

function Facet({ words, code, tone, rows, isChosen, choose }: FacetProps): JSX.Element {
  return (
    <button
      type="button"
      class={isChosen ? "facet chosen" : "facet"}
      aria-pressed={isChosen}
      onClick={choose}
      title={words}
    >
      <span class="what">
        {tone === undefined ? null : <i class={`dot ${tone}`} />}
        {code === undefined ? null : <b>{code}</b>}
        <span>{words}</span>
      </span>
      <span class="number">{count(rows)}</span>
    </button>
  );
}
