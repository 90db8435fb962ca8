import { exec } from "node:child_process";
import { ParrotError } from "@parallel-parrot/core";
import { environmentOfPrograms } from "./dotenv.ts";
import { START_FOLDER } from "./start-folder.ts";
import { readKeyText, type KeyText } from "./read-key-text.ts";

/** A command that takes longer is given up: it may be asking a person who is not there. */
const TIMEOUT_MS = 60_000;
/** The most characters of its messages that are shown if it fails. */
const MAX_SHOWN = 300;

const SOURCE = "what --key-command printed";

/**
 * Runs a command in the shell, in the folder where it was typed, and takes the key that it prints. Neither the command
 * nor what it prints is ever shown: both may hold secrets.
 *
 * @throws ParrotError `INVALID_OPTION` that says how it failed, in the words that it wrote for people
 */
export async function runKeyCommand(command: string, variables: readonly string[]): Promise<KeyText> {
  if (command.trim() === "") {
    throw new ParrotError("INVALID_OPTION", "Cannot get a key by --key-command: the command is empty", {
      option: "--key-command",
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = {
    cwd: START_FOLDER,
    env: environmentOfPrograms(),
    timeout: TIMEOUT_MS,
    windowsHide: true,
  };
  const child = exec(command, options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(failed(error.killed === true ? undefined : error.code, stderr));
  });
  // Standard input may be the rows.
  child.stdin?.end();
  const printed = await promise;
  return readKeyText(printed, { source: SOURCE, variables });
}

function failed(code: number | string | undefined, stderr: string): ParrotError {
  const how =
    code === undefined ? `it took longer than ${TIMEOUT_MS / 1000} s` : `it ended with exit code ${code}`;
  const words = stderr.trim().slice(0, MAX_SHOWN);
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot get a key by --key-command: ${how}${words === "" ? "" : `, saying: ${words}`}`,
    { option: "--key-command" },
  );
}
