import type { JSX } from "preact";
import type { RowLine } from "../src/wire.ts";
import { DiffText } from "./diff-text.tsx";
import { count, duration, short } from "./format.ts";
import { visible } from "./visible.ts";

interface TableLineProps {
  readonly line: RowLine;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly isOpened: boolean;
  readonly open: (place: number | undefined) => void;
}

/** A row as a line of the table. */
export function TableLine({ line, inputs, outputs, isOpened, open }: TableLineProps): JSX.Element {
  const { state, durationMs, inputTokens, outputTokens } = line;
  return (
    <tr
      class={`${state}${isOpened ? " opened" : ""}`}
      data-place={line.place}
      onClick={() => open(isOpened ? undefined : line.place)}
    >
      <td class="number place">
        <i class={`dot ${state}`} />
        <LabelMark label={line.label} />
        {count(line.number)}
      </td>
      {inputs.map((name) => (
        <td key={name} class="cut">
          {visible(line.input[name] ?? "")}
        </td>
      ))}
      <Made line={line} outputs={outputs} />
      <td class="number measure">
        {inputTokens + outputTokens === 0 ? "" : short(inputTokens + outputTokens)}
      </td>
      <td class="number measure">{durationMs === undefined ? "" : duration(durationMs)}</td>
    </tr>
  );
}

/** What a person has said of the row. */
function LabelMark({ label }: { readonly label: RowLine["label"] | undefined }): JSX.Element | null {
  if (label === undefined) return null;
  const { verdict, note } = label;
  return (
    <b class={`said ${verdict ?? ""}`} title={visible(note ?? "")}>
      {verdict === undefined ? "✎" : verdict === "good" ? "+" : "−"}
    </b>
  );
}

/** What became of the row: the cells of its first output, or why there is none. */
function Made({ line, outputs }: Pick<TableLineProps, "line" | "outputs">): JSX.Element {
  const span = Math.max(1, outputs.length);
  if (line.state === "failed")
    return (
      <td class="cut made" colSpan={span}>
        <b class="bad">{line.code}</b> {visible(line.message ?? "")}
      </td>
    );
  if (line.state !== "answered" || line.outputs === 0)
    return (
      <td class="cut made faint" colSpan={span}>
        {line.state === "answered"
          ? "an answer without outputs"
          : line.state === "passed"
            ? "not asked"
            : "no answer"}
      </td>
    );
  const before = line.other === undefined ? undefined : cellsBefore(line.other, outputs);
  return (
    <>
      {outputs.map((name, at) => (
        <td key={name} class={at === 0 ? "cut made" : "cut"}>
          {at === 0 && line.outputs > 1 ? <span class="badge">{count(line.outputs)}</span> : null}
          {at === 0 && line.warnings.length > 0 ? (
            <span class="badge mended" title={line.warnings.join(", ")}>
              mended
            </span>
          ) : null}
          <Cell text={line.output[name] ?? ""} before={before === undefined ? undefined : before(name)} />
        </td>
      ))}
    </>
  );
}

/** A cell; beside that of the row that it is compared with, where that is another. */
function Cell({ text, before }: { readonly text: string; readonly before: string | undefined }): JSX.Element {
  if (before === undefined || before === text) return <>{visible(text)}</>;
  return <DiffText before={before} after={text} />;
}

/** The cells of a row of another run. Where each has one column alone, they are compared whatever they are called. */
function cellsBefore(other: RowLine, outputs: readonly string[]): (name: string) => string | undefined {
  const [only, ...more] = Object.values(other.output);
  return (name) => other.output[name] ?? (outputs.length === 1 && more.length === 0 ? only : undefined);
}
