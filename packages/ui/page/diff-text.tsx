import type { JSX } from "preact";
import { visible } from "./visible.ts";
import { wordDiff } from "../src/compare/word-diff.ts";

/** A text beside what it was: words that are gone and words that are new. */
export function DiffText({
  before,
  after,
}: {
  readonly before: string;
  readonly after: string;
}): JSX.Element {
  return (
    <>
      {wordDiff(before, after).map(({ kind, text }, at) => {
        const shown = visible(text);
        if (kind === "same") return shown;
        return kind === "gone" ? <del key={at}>{shown}</del> : <ins key={at}>{shown}</ins>;
      })}
    </>
  );
}
