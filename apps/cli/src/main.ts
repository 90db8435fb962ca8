#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report.ts";
import { tellWarnings } from "./tell-warnings.ts";
import { VERSION } from "./version.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`parrot needs Node.js 22.19 or later; this is ${process.versions.node}\n`);
  process.exit(EXIT.usage);
}

tellWarnings();

// A pipe's reader may leave at any time; whoever writes gets the error too.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

try {
  const program = createProgram(VERSION, (code) => {
    process.exitCode = code;
  });
  for (const command of [program, ...program.commands.flatMap((command) => [command, ...command.commands])])
    command.exitOverride();
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportError(error);
}
