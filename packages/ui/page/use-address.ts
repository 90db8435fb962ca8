import { useEffect, useState } from "preact/hooks";

/** What of the page is shown. It is in the address, so that going back, a reload and a bookmark work. */
export interface Address {
  /** The run that is shown; `undefined` for the list of runs. */
  readonly run: number | undefined;
  /** The place of the row that is opened. */
  readonly row: number | undefined;
  /** The filter and the order of rows. */
  readonly filter: URLSearchParams;
}

function readAddress(): Address {
  const [, run, row, query = ""] =
    /^#\/(?:run\/(\d+))?(?:\/row\/(\d+))?(?:\?(.*))?$/.exec(location.hash) ?? [];
  return {
    run: run === undefined ? undefined : Number(run),
    row: row === undefined ? undefined : Number(row),
    filter: new URLSearchParams(query),
  };
}

function hashOf({ run, row, filter }: Address): string {
  if (run === undefined) return "#/";
  const query = filter.toString();
  return `#/run/${run}${row === undefined ? "" : `/row/${row}`}${query === "" ? "" : `?${query}`}`;
}

/** Goes to another part of the page. @param isStep whether going back leads to where it is now */
export function goTo(address: Address, isStep: boolean = true): void {
  const hash = hashOf(address);
  if (hash === location.hash) return;
  if (isStep) location.hash = hash;
  else {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/** A filter with some of its parameters changed; an empty value takes one out. */
export function withParameters(
  filter: URLSearchParams,
  changes: Readonly<Record<string, string | undefined>>,
): URLSearchParams {
  const changed = new URLSearchParams(filter);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") changed.delete(name);
    else changed.set(name, value);
  }
  return changed;
}

export function useAddress(): Address {
  const [address, setAddress] = useState(readAddress);
  useEffect(() => {
    const read = (): void => setAddress(readAddress());
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return address;
}
