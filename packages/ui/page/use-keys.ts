import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Rows } from "./use-rows.ts";

interface Keyed {
  readonly rows: Rows;
  readonly opened: number | undefined;
  readonly open: (place: number | undefined, isStep?: boolean) => void;
  readonly search: RefObject<HTMLInputElement | null>;
}

/** The keys of a run: `/` searches, `j` and `k` or the arrows go through the rows, Escape closes what is opened. */
export function useKeys({ rows, opened, open, search }: Keyed): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (key === "Escape") {
        if (isTyping) target.blur();
        else open(undefined);
      } else if (isTyping) return;
      else if (key === "/") search.current?.focus();
      else if (key === "j" || key === "ArrowDown") step(1);
      else if (key === "k" || key === "ArrowUp") step(-1);
      else return;
      event.preventDefault();
    };
    function step(by: number): void {
      const at = rows.lines.findIndex(({ place }) => place === opened);
      const next = rows.lines[at === -1 ? 0 : at + by];
      if (next === undefined) return;
      if (at + by > rows.lines.length - 5) rows.more();
      open(next.place, opened === undefined);
      document.querySelector(`[data-place="${next.place}"]`)?.scrollIntoView({ block: "nearest" });
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}
