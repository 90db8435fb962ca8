import { say } from "./report.ts";

/** Warnings of Node.js that are for programmers: a user could do nothing about them. */
const FOR_PROGRAMMERS: ReadonlySet<string> = new Set(["DeprecationWarning", "ExperimentalWarning"]);

/**
 * Tells process warnings as plain lines. Node's own form is for programmers: a process id, the class of the warning,
 * and how to trace it.
 */
export function tellWarnings(): void {
  // With --no-warnings, Node.js itself does not listen for them.
  const isShown = process.listenerCount("warning") > 0;
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    const isDebug = process.env["PARROT_DEBUG"] !== undefined;
    if (!isShown || (FOR_PROGRAMMERS.has(warning.name) && !isDebug)) return;
    say(warning.name === "ParrotWarning" ? warning.message : `Node.js warns: ${warning.message}`);
    if (isDebug) say(warning.stack ?? "");
  });
}
