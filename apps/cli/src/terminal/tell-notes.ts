import type { Provider } from "@parallel-parrot/providers";
import { say } from "./report.ts";

/** Tells what of the options was understood in another way than it was written, before anything is sent. */
export function tellNotes({ notes = [] }: Pick<Provider, "notes">): void {
  for (const note of notes) say(note);
}
