import { parseEnv } from "node:util";
import { readText } from "../files/read-text.ts";

/**
 * Sets the variables of a file of lines `NAME=value`, as `.env` has them. A variable that the environment has already,
 * and not empty, stays as it is.
 *
 * @throws ParrotError where the file cannot be read or is empty
 */
export async function loadEnvFile(file: string): Promise<void> {
  const text = await readText(file, "--env-file");
  for (const [name, value] of Object.entries(parseEnv(text))) process.env[name] ||= value;
}
