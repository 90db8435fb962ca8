import type { JSX } from "preact";
import { COMPARED_KINDS, type ColumnAgreement, type Compared, type ComparisonTotals } from "../src/wire.ts";
import type { ChangeFilter } from "./facets.tsx";
import { count, counted } from "./format.ts";
import { useAsked } from "./use-asked.ts";
import { visible } from "./visible.ts";

interface ComparisonPanelProps {
  readonly run: number;
  readonly filter: URLSearchParams;
  readonly change: ChangeFilter;
  readonly version: number;
}

const KINDS: Readonly<Record<Compared, string>> = {
  same: "same",
  changed: "changed",
  unanswered: "without an answer in one of the two",
  alone: "only here",
};

/** How the rows agree with those that they are compared with, and the rows that have changed. */
export function ComparisonPanel({ run, filter, change, version }: ComparisonPanelProps): JSX.Element | null {
  const id = filter.get("with");
  const model = filter.get("with-model");
  const query = new URLSearchParams([
    ["with", id ?? ""],
    ["with-model", model ?? ""],
    ["version", String(version)],
  ]);
  const path = id === null ? undefined : `/runs/${run}/comparison?${query.toString()}`;
  const { value, path: shown, error } = useAsked<ComparisonTotals>(path);
  if (id === null) return null;
  const other = `run ${id}${model === null ? "" : `, ${model}`}`;
  if (error !== undefined) return <p class="column notice">{error.message}</p>;
  if (value === undefined || shown !== path)
    return <p class="column faint">Comparing with {visible(other)} …</p>;
  const chosen = filter.get("compared");
  return (
    <section class="column compared" aria-label="Comparison">
      <div class="kinds">
        {COMPARED_KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            class={chosen === kind ? "facet chosen" : "facet"}
            aria-pressed={chosen === kind}
            onClick={() =>
              change({ compared: chosen === kind ? undefined : kind, "compared-column": undefined })
            }
          >
            <span>{KINDS[kind]}</span>
            <span class="number">{count(value[kind])}</span>
          </button>
        ))}
        {value.aloneThere === 0 ? null : (
          <p class="faint">
            {counted(value.aloneThere, "row")} of {visible(other)} {value.aloneThere === 1 ? "is" : "are"} not
            here
          </p>
        )}
      </div>
      {value.columns.length === 0 ? (
        <p class="faint">The two have no column of answers in common.</p>
      ) : (
        <div class="agreements">
          {value.columns.map((column) => (
            <Agreement
              key={column.column}
              agreement={column}
              isChosen={filter.get("compared-column") === column.column}
              change={change}
            />
          ))}
        </div>
      )}
    </section>
  );
}

interface AgreementProps {
  readonly agreement: ColumnAgreement;
  readonly isChosen: boolean;
  readonly change: ChangeFilter;
}

function Agreement({ agreement, isChosen, change }: AgreementProps): JSX.Element {
  const { column, other, rows, same, kappa, changes } = agreement;
  const share = rows === 0 ? "" : `${((100 * same) / rows).toFixed(1)} % the same`;
  return (
    <div>
      <button
        type="button"
        class={isChosen ? "value chosen" : "value"}
        aria-pressed={isChosen}
        title="Rows that have changed in this column"
        onClick={() =>
          change(
            isChosen
              ? { compared: undefined, "compared-column": undefined }
              : { compared: "changed", "compared-column": column },
          )
        }
      >
        <i style={{ width: `${rows === 0 ? 0 : (100 * same) / rows}%` }} />
        <span>{visible(column === other ? column : `${column}, ${other} there`)}</span>
        <b>{kappa === undefined ? share : `${share}, kappa ${kappa.toFixed(2)}`}</b>
      </button>
      <p class="faint changes">
        {changes.map(({ from, to, rows: times }, at) => (
          <span key={at}>
            {visible(from.slice(0, 40))} → {visible(to.slice(0, 40))} <b>{count(times)}</b>
          </span>
        ))}
      </p>
    </div>
  );
}
