import { useEffect, useState } from "preact/hooks";
import { ask, AskError } from "./ask.ts";

/** What was asked for, as far as it is known. */
export interface Asked<T> {
  /** The last answer; what was asked before stays until the next is there, so that nothing jumps. */
  readonly value: T | undefined;
  /** What the value was asked with. */
  readonly path: string | undefined;
  readonly error: AskError | undefined;
}

/**
 * Asks the server for something, and again after some time.
 *
 * @param again milliseconds until it is asked again; `undefined` for never
 */
export function useAsked<T>(
  path: string | undefined,
  again: (value: T | undefined) => number | undefined = () => undefined,
): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: undefined, path: undefined, error: undefined });
  useEffect(() => {
    if (path === undefined) return undefined;
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askNow = async (): Promise<void> => {
      let value: T | undefined;
      try {
        value = await ask<T>(path, leaving.signal);
        setAsked({ value, path, error: undefined });
      } catch (error) {
        if (leaving.signal.aborted) return;
        const told = error instanceof AskError ? error : new AskError(0, String(error));
        setAsked((before) => ({ ...before, error: told }));
      }
      const ms = again(value);
      if (ms !== undefined && !leaving.signal.aborted) timer = setTimeout(() => void askNow(), ms);
    };
    void askNow();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
    // `again` is a new function each time, and says the same.
  }, [path]);
  return asked;
}
