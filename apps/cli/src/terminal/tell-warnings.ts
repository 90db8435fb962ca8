import { say } from "./report.ts";

/** What Node.js tells programmers of; nothing that a user could do something about. */
const FOR_PROGRAMMERS: ReadonlySet<string> = new Set(["DeprecationWarning", "ExperimentalWarning"]);

/**
 * Tells process warnings as plain lines. Node's own form is for programmers: a process id, the class of the warning,
 * and how to trace it.
 */
export function tellWarnings(): void {
  // Where Node.js was told not to show warnings, it does not listen.
  const isShown = process.listenerCount("warning") > 0;
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    const isDebug = process.env["PARROT_DEBUG"] !== undefined;
    if (!isShown || (FOR_PROGRAMMERS.has(warning.name) && !isDebug)) return;
    say(warning.name === "ParrotWarning" ? warning.message : `Node.js warns: ${warning.message}`);
    if (isDebug) say(warning.stack ?? "");
  });
}
