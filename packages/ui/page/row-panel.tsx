import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Attempt, ListedRun, RowDetail, SentText } from "../src/wire.ts";
import { ComparedCells } from "./compared-cells.tsx";
import { count, counted, dollars, duration, time } from "./format.ts";
import { LabelEditor } from "./label-editor.tsx";
import { StepAnswers } from "./step-answers.tsx";
import { useAsked } from "./use-asked.ts";
import { PIECE, pieces } from "./pieces.ts";
import { visible } from "./visible.ts";

interface RowPanelProps {
  readonly run: ListedRun;
  readonly runs: readonly ListedRun[];
  readonly place: number;
  /** Whether the rows are read so far that it is among them. */
  readonly isRead: boolean;
  readonly version: number;
  /** Is called when the row is labelled. */
  readonly onLabel: () => void;
  /** Another one: a row was labelled. */
  readonly labelled: number;
  /** With what it is compared, as parameters; empty for nothing. */
  readonly compared: string;
  readonly close: () => void;
}

/** An opened row: from its input to its outputs, and why they are what they are. */
export function RowPanel({
  run,
  runs,
  place,
  isRead,
  version,
  labelled,
  compared,
  onLabel,
  close,
}: RowPanelProps): JSX.Element {
  const [whole, setWhole] = useState<number>();
  const query = `version=${version}&labelled=${labelled}${compared === "" ? "" : `&${compared}`}${whole === place ? "&whole=yes" : ""}`;
  const { value, error } = useAsked<RowDetail>(isRead ? `/runs/${run.id}/row/${place}?${query}` : undefined);
  return (
    <aside class="panel" aria-label="Row">
      <header>
        <h2>{value === undefined ? "" : `Row ${count(value.line.number)}`}</h2>
        <span class="hint">
          <kbd>k</kbd> <kbd>j</kbd> <kbd>Esc</kbd>
        </span>
        <button type="button" class="close" aria-label="Close the row" onClick={close}>
          ×
        </button>
      </header>
      {error === undefined ? null : <p class="notice">{error.message}</p>}
      {value?.answerId === undefined ? null : (
        <LabelEditor
          key={value.answerId}
          answer={value.answerId}
          label={value.line.label ?? {}}
          onKept={onLabel}
        />
      )}
      {value === undefined ? null : (
        <>
          <StepAnswers key={value.line.origin} run={run} runs={runs} origin={value.line.origin} />
          <Detail row={value} showWhole={() => setWhole(place)} />
        </>
      )}
    </aside>
  );
}

interface DetailProps {
  readonly row: RowDetail;
  readonly showWhole: () => void;
}

function Detail({ row, showWhole }: DetailProps): JSX.Element {
  const { failure, warnings, answer, attempts, outputs, prompt, line } = row;
  const text = (sent: SentText): JSX.Element => <Text sent={sent} showWhole={showWhole} />;
  return (
    <>
      {failure === undefined ? null : (
        <p class="verdict failed">
          <b>{failure.code}</b> {visible(failure.message)}
        </p>
      )}
      {line.state === "missing" ? (
        <p class="verdict">
          The journal has no answer of this row that counts: it was not asked yet, or its last failure was one
          that may pass, such as a time-out or an error of the server.
        </p>
      ) : null}
      {warnings.map(({ code, message }) => (
        <p key={`${code} ${message}`} class="verdict mended">
          <b>{code}</b> {visible(message)}
        </p>
      ))}
      {row.other === undefined ? null : <ComparedCells row={row} other={row.other} />}
      <Part title={outputs.length > 1 ? "Outputs, by choice" : "Outputs"} isShown={outputs.flat().length > 0}>
        {outputs.map((choice, number) => (
          <ol key={number} class="outputs">
            {choice.map((output, at) => (
              <li key={at}>
                <Cells cells={output} text={text} />
              </li>
            ))}
          </ol>
        ))}
      </Part>
      <Part title="Answer that could not be used" isShown={answer !== undefined}>
        {answer === undefined ? null : text(answer)}
      </Part>
      <Part title="Input" isShown={row.input.length > 0}>
        <Cells cells={row.input} text={text} />
      </Part>
      <Part title="Prompt" isShown={prompt !== undefined}>
        {prompt?.map(({ role, content, images }, at) => (
          <div key={at} class="message">
            <h4>
              {role}
              {images > 0 ? `, with ${counted(images, "image")}` : ""}
            </h4>
            {text(content)}
          </div>
        ))}
      </Part>
      <Part title={attempts.length > 1 ? "Responses" : "Response"} isShown={attempts.length > 0}>
        {attempts.map((attempt, at) => (
          <AttemptView key={at} attempt={attempt} text={text} />
        ))}
      </Part>
    </>
  );
}

function Part(props: {
  readonly title: string;
  readonly isShown: boolean;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (!props.isShown) return null;
  return (
    <section class="part">
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

type ShowText = (sent: SentText) => JSX.Element;

function Cells(props: { readonly cells: RowDetail["input"]; readonly text: ShowText }): JSX.Element {
  return (
    <dl class="cells">
      {props.cells.map(([name, cell]) => (
        <div key={name}>
          <dt>{visible(name)}</dt>
          <dd>{cell.text === "" ? <span class="faint">empty</span> : props.text(cell)}</dd>
        </div>
      ))}
    </dl>
  );
}

function AttemptView({ attempt, text }: { readonly attempt: Attempt; readonly text: ShowText }): JSX.Element {
  const facts = [
    `HTTP ${attempt.status}`,
    attempt.code ?? "",
    duration(attempt.durationMs),
    `${count(attempt.inputTokens)} tokens in, ${count(attempt.outputTokens)} out`,
    dollars(attempt.cost ?? 0),
    attempt.attempts > 1 ? `request ${attempt.attempts} of the row` : "",
    time(attempt.sentAt),
    `paid by run ${attempt.run}`,
  ].filter((fact) => fact !== "");
  return (
    <div class="attempt">
      <p class="facts">{facts.join(" · ")}</p>
      {attempt.choices.map((choice, at) => (
        <div key={at} class="message">
          <h4>
            {attempt.choices.length > 1 ? `choice ${at + 1}, ` : ""}ended: {choice.finishReason}
          </h4>
          {choice.thoughts === undefined ? null : (
            <details>
              <summary>Thoughts</summary>
              {text(choice.thoughts)}
            </details>
          )}
          {text(choice.text)}
        </div>
      ))}
      <details>
        <summary>Raw response</summary>
        {text(attempt.body)}
      </details>
    </div>
  );
}

function Text({ sent, showWhole }: { readonly sent: SentText; readonly showWhole: () => void }): JSX.Element {
  return (
    <>
      <pre class="text">
        {pieces(sent.text).map((piece, at) => (
          <span key={at} class={sent.text.length > PIECE ? "piece" : "short"}>
            {visible(piece)}
          </span>
        ))}
      </pre>
      {sent.cutFrom === undefined ? null : (
        <p class="faint">
          The first {count(sent.text.length)} of {count(sent.cutFrom)} characters.{" "}
          <button type="button" onClick={showWhole}>
            Show all
          </button>
        </p>
      )}
    </>
  );
}
