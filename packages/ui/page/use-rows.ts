import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { RowLine, RowPage } from "../src/wire.ts";
import { ask, AskError } from "./ask.ts";

/** The rows of a table that grows as one scrolls. */
export interface Rows {
  readonly lines: readonly RowLine[];
  /** What they were asked with; that of before while the first page of another is on its way. */
  readonly path: string | undefined;
  readonly hasMore: boolean;
  readonly error: AskError | undefined;
  /** Gets the next page, unless it is on its way. */
  readonly more: () => void;
}

interface Kept extends Omit<Rows, "hasMore" | "more"> {
  readonly next: string | undefined;
}

const PAGE_ROWS = 100;
const NONE: Kept = { lines: [], path: undefined, next: undefined, error: undefined };

/**
 * Gets rows in pages.
 *
 * @param path where they are, with their filter
 * @param version another one: what is shown is asked for anew, as many rows as there are
 */
export function useRows(path: string, version: string): Rows {
  const [kept, setKept] = useState(NONE);
  const current = useRef(kept);
  current.current = kept;
  const leaving = useRef(new AbortController());
  const isBusy = useRef(false);

  const load = useCallback(
    async (from: Kept, least: number): Promise<void> => {
      const { signal } = leaving.current;
      isBusy.current = true;
      const lines = [...from.lines];
      let { next } = from;
      try {
        do {
          const after = next === undefined ? "" : `&after=${encodeURIComponent(next)}`;
          const page = await ask<RowPage>(`${path}&limit=${PAGE_ROWS}${after}`, signal);
          lines.push(...page.rows);
          next = page.next;
        } while (lines.length < least && next !== undefined);
        setKept({ lines, path, next, error: undefined });
      } catch (error) {
        if (signal.aborted) return;
        const told = error instanceof AskError ? error : new AskError(0, String(error));
        setKept((before) => ({ ...before, error: told }));
      } finally {
        if (!signal.aborted) isBusy.current = false;
      }
    },
    [path],
  );

  useEffect(() => {
    leaving.current = new AbortController();
    const shown = current.current.path === path ? current.current.lines.length : 0;
    void load({ ...NONE, path }, shown);
    return () => leaving.current.abort();
  }, [path, version, load]);

  const more = useCallback(() => {
    const { next, path: shown } = current.current;
    if (next !== undefined && shown === path && !isBusy.current) void load(current.current, 0);
  }, [path, load]);

  return { ...kept, hasMore: kept.next !== undefined, more };
}
