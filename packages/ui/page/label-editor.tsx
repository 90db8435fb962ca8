import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RowLabel } from "../src/wire.ts";
import { send } from "./ask.ts";
import { TypedText } from "./typed-text.tsx";

interface LabelEditorProps {
  readonly answer: string;
  readonly label: RowLabel;
  readonly onKept: () => void;
}

const VERDICTS = [
  ["good", "+"],
  ["bad", "−"],
] as const;

/** What a person says of an answer: good or bad, also by the keys `+` and `-`, and a note. */
export function LabelEditor({ answer, label, onKept }: LabelEditorProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  // What was sent last counts before the server has given it back: a verdict and a note may follow at once.
  const latest = useRef(label);
  useEffect(() => {
    latest.current = label;
  }, [label.verdict, label.note]);
  const keep = async (changed: RowLabel): Promise<void> => {
    latest.current = changed;
    try {
      await send("/labels", { answer, ...changed });
      setProblem(undefined);
      onKept();
    } catch (error) {
      latest.current = label;
      setProblem(`This was not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const { verdict, note } = label;
  const choose = (chosen: "good" | "bad"): void => {
    const { verdict: before, note: noted } = latest.current;
    const kept = noted === undefined ? {} : { note: noted };
    void keep(chosen === before ? kept : { ...kept, verdict: chosen });
  };
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      if (target instanceof HTMLInputElement || ctrlKey || metaKey || altKey) return;
      if (key === "+") choose("good");
      if (key === "-") choose("bad");
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  return (
    <div class="label">
      {VERDICTS.map(([name, sign]) => (
        <button
          key={name}
          type="button"
          class={verdict === name ? `chosen ${name}` : ""}
          aria-pressed={verdict === name}
          onClick={() => choose(name)}
        >
          {sign} {name}
        </button>
      ))}
      <TypedText
        label="Note on this answer"
        placeholder="note"
        value={note ?? ""}
        set={(text) => {
          const words = text.trim();
          const { verdict: chosen, note: before = "" } = latest.current;
          const kept = chosen === undefined ? {} : { verdict: chosen };
          if (words !== before) void keep(words === "" ? kept : { ...kept, note: words });
        }}
      />
      {problem === undefined ? null : (
        <span class="error" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
