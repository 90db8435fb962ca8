import { resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import type { RunSummary } from "@parallel-parrot/journal";
import type { ResumeFlags } from "../flags/go-on-flags.ts";
import { headerNames } from "../flags/header-text.ts";
import { goOnOptions } from "../journal/journal-place.ts";
import { folderOf, headersOf, keyFileOf } from "./job.ts";

/** The options that say which key is sent for a run of the journal. */
export type KeyFlags = Pick<ResumeFlags, "journal" | "keyFile" | "keyCommand" | "dotenv" | "header">;

/**
 * No journal may say which key is sent: a run that was begun with a key file needs it named again.
 *
 * @param command what was typed, without `parrot`
 */
export function requireKeyFile({ id, manifest }: RunSummary, flags: KeyFlags, command: string): void {
  const file = keyFileOf(manifest);
  const isGiven = [flags.keyFile, flags.keyCommand, flags.dotenv].some((place) => place !== undefined);
  if (file === undefined || isGiven) return;
  const { journal, header } = flags;
  throw new ParrotError(
    "INVALID_OPTION",
    `Run ${id} was begun with the key in a file, and a journal may not say which file is read; name it again: parrot ${command}${goOnOptions({ journal, keyFile: resolve(folderOf(manifest), file), header })}`,
    { option: "--key-file" },
  );
}

/** No journal has the values of headers: a run that was begun with some needs them again. */
export function requireHeaders({ id, manifest }: RunSummary, flags: KeyFlags, command: string): void {
  const given = new Set(headerNames(flags.header ?? []).map((name) => name.toLowerCase()));
  const missing = headersOf(manifest).filter((name) => !given.has(name.toLowerCase()));
  if (missing.length === 0) return;
  const { journal, keyFile, keyCommand, dotenv } = flags;
  const header = [...(flags.header ?? []), ...missing.map((name) => `${name}: `)];
  throw new ParrotError(
    "INVALID_OPTION",
    `Run ${id} was begun with headers whose values are not kept in a journal (${missing.join(", ")}); give them again: parrot ${command}${goOnOptions({ journal, keyFile, keyCommand, dotenv, header })}`,
    { option: "--header" },
  );
}
