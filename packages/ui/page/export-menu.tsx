import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { send } from "./ask.ts";

const FORMATS = { csv: "CSV", jsonl: "JSON Lines", parquet: "Parquet" } as const;

interface ExportMenuProps {
  readonly run: number;
  readonly filter: URLSearchParams;
}

/** Saves the rows that the filter leaves as a file. */
export function ExportMenu({ run, filter }: ExportMenuProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const save = async (format: string): Promise<void> => {
    try {
      // The browser asks for the file itself, so that none of it is in the memory of the page.
      const { ticket } = await send<{ readonly ticket: string }>("/tickets", {});
      const query = new URLSearchParams([...filter, ["format", format], ["ticket", ticket]]);
      const link = document.createElement("a");
      link.href = `/api/runs/${run}/export?${query.toString()}`;
      link.download = "";
      link.click();
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <details class="more export">
      <summary>Export</summary>
      <div>
        {Object.entries(FORMATS).map(([format, name]) => (
          <button key={format} type="button" class="facet" onClick={() => void save(format)}>
            {name}
          </button>
        ))}
        {problem === undefined ? null : (
          <p class="error" role="alert">
            {problem}
          </p>
        )}
      </div>
    </details>
  );
}
