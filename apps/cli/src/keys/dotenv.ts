import { parseEnv } from "node:util";
import { providers } from "@parallel-parrot/providers";
import { PROXY_VARIABLES } from "@parallel-parrot/transport";
import { readText } from "../files/read-text.ts";
import { headerVariables } from "../flags/header-text.ts";
import { say } from "../terminal/report.ts";

const setByFile = new Set<string>();

/**
 * Sets variables of a file of lines `NAME=value`, as `.env` has them: those that providers and proxies are set by, and
 * those that a header names. Others would say to libraries, and to the programs that these start, which code they run
 * and where they find files. A variable that the environment has already, and not empty, stays as it is.
 *
 * @param header what is given as `--header`
 * @throws ParrotError where the file cannot be read or is empty
 */
export async function loadDotenv(file: string, header: readonly string[] = []): Promise<void> {
  const text = await readText(file, "--dotenv");
  const known = [...providerVariables(), ...PROXY_VARIABLES];
  const wanted = new Set([...known, ...headerVariables(header)]);
  const missed: string[] = [];
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (process.env[name]) continue;
    if (wanted.has(name)) {
      process.env[name] = value;
      setByFile.add(name);
    } else missed.push(name);
  }
  tellMissed(file, missed, known);
}

function providerVariables(): readonly string[] {
  return providers.flatMap(({ keyVariables, placeVariables = [], baseUrlVariables, otherVariables = [] }) =>
    keyVariables.concat(placeVariables, baseUrlVariables, otherVariables),
  );
}

/** Such a file has much that is for other programs. What is named like a provider's may have been meant for this one. */
function tellMissed(file: string, missed: readonly string[], known: readonly string[]): void {
  const makers = new Set(known.map(makerOf));
  const meant = missed.filter((name) => makers.has(makerOf(name)));
  if (meant.length === 0) return;
  say(
    `Not taken from ${file}: ${meant.join(", ")}. Such a file gives keys, addresses and proxies; set anything else in the environment`,
  );
}

function makerOf(variable: string): string {
  return variable.replace(/_.*/s, "");
}

/**
 * The environment without what such a file has set, for other programs: keys of a folder are not for them, and an
 * address or a proxy would lead them elsewhere.
 */
export function environmentOfPrograms(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !setByFile.has(name)));
}
