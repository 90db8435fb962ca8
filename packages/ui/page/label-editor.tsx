import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
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
  const keep = async (changed: RowLabel): Promise<void> => {
    try {
      await send("/labels", { answer, ...changed });
      setProblem(undefined);
      onKept();
    } catch (error) {
      setProblem(`This was not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const { verdict, note } = label;
  const choose = (chosen: "good" | "bad"): void => {
    const kept = note === undefined ? {} : { note };
    void keep(chosen === verdict ? kept : { ...kept, verdict: chosen });
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
          const kept = verdict === undefined ? {} : { verdict };
          if (words !== (note ?? "")) void keep(words === "" ? kept : { ...kept, note: words });
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
