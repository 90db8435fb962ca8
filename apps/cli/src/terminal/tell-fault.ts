import { isParrotError } from "@parallel-parrot/core";
import { isSystemError, say } from "./report.ts";
import { VERSION } from "../version.ts";

/** Lines of a stack that are shown. */
const STACK_LINES = 5;

/** Says what a report of a fault needs, where a run was ended by a fault in code; says nothing for other errors. */
export function tellFault(error: unknown): void {
  const isLimit = isParrotError(error) && error.code === "TOO_MANY_FAULTS";
  if (!isLimit && (isParrotError(error) || isSystemError(error) || !(error instanceof Error))) return;
  const { platform, arch, version } = process;
  if (!isLimit) say("This looks like a bug in parrot.");
  say(`Please report it with these lines: parrot ${VERSION}, Node.js ${version}, ${platform} ${arch}`);
  const thrown = isLimit ? error.cause : error;
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  for (const line of stack.split("\n").slice(0, STACK_LINES)) say(`  ${line.trim()}`);
}
