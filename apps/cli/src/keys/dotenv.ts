import { parseEnv } from "node:util";
import { readText } from "../files/read-text.ts";

/** Where a user's signature is. It must not come from a project's folder, so no such file decides it. */
const OF_THE_USER: ReadonlySet<string> = new Set(["HOME", "USERPROFILE", "XDG_STATE_HOME", "LOCALAPPDATA"]);

const setByFile = new Set<string>();

/**
 * Sets the variables of a file of lines `NAME=value`, as `.env` has them. A variable that the environment has already,
 * and not empty, stays as it is.
 *
 * @throws ParrotError where the file cannot be read or is empty
 */
export async function loadDotenv(file: string): Promise<void> {
  const text = await readText(file, "--dotenv");
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (process.env[name] || OF_THE_USER.has(name.toUpperCase())) continue;
    process.env[name] = value;
    setByFile.add(name);
  }
}

/**
 * The environment without what such a file has set, for other programs: by variables such as `NODE_OPTIONS` or
 * `LD_PRELOAD` they would run code that the file names.
 */
export function environmentOfPrograms(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !setByFile.has(name)));
}
