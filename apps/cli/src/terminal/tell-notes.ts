import { paramsNotSent, type ParamName, type Provider } from "@parallel-parrot/providers";
import { wordsOf } from "../flags/error-words.ts";
import { say } from "./report.ts";

/** A provider, the parameters that are set for it, and how options are understood. */
type Asking = {
  readonly provider: Pick<Provider, "name" | "notes" | "capabilities">;
  readonly notes?: readonly string[];
  readonly quiet?: boolean;
} & {
  readonly [Name in ParamName]?: unknown;
};

/** Tells what of the options was understood in another way than it was written, and what of them is not sent. */
export function tellNotes(options: Asking): void {
  const { name, notes = [], capabilities } = options.provider;
  for (const note of notes) say(note);
  if (options.quiet !== true) for (const note of options.notes ?? []) say(note);
  const lacking = paramsNotSent(options, capabilities).map((param) => wordsOf(param));
  if (lacking.length > 0)
    say(`The API of ${name} has no parameter for ${lacking.join(", ")}; requests are sent without`);
}
