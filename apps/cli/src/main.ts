#!/usr/bin/env node
import { EXIT } from "./exit-code.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`parrot needs Node.js 22.19 or later; this is ${process.versions.node}\n`);
  process.exitCode = EXIT.usage;
} else {
  // Loaded only now: an older Node.js fails to load it, with a message of its own.
  const { runProgram } = await import("./run-program.ts");
  await runProgram();
}
