import { CommanderError } from "commander";
import { EXIT } from "./exit-code.ts";
import { findProgramsInPathAlone } from "./keys/programs-in-path.ts";
import { commandsOf, createProgram } from "./program.ts";
import { reportError } from "./terminal/report.ts";
import { tellWarnings } from "./terminal/tell-warnings.ts";
import { VERSION } from "./version.ts";

/** Runs the program that the arguments of the process ask for. */
export async function runProgram(): Promise<void> {
  tellWarnings();
  findProgramsInPathAlone();

  // A pipe's reader may leave at any time; whoever writes gets the error too.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);

  try {
    const program = createProgram(VERSION, (code) => {
      process.exitCode = code;
    });
    for (const command of commandsOf(program)) command.exitOverride();
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else process.exitCode = reportError(error);
  }
}
