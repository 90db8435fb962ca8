import { dirname, isAbsolute, join, normalize, relative, resolve } from "node:path";
import { isAddress } from "@parallel-parrot/formats";
import { providers } from "@parallel-parrot/providers";
import { isWithin } from "../files/is-within.ts";
import { longOf } from "../flags/flag.ts";
import { JOB_FLAGS, JOB_ROWS } from "../flags/job-flags.ts";
import { usualBaseUrl } from "../job/base-url.ts";
import type { JobFile } from "./read-job-file.ts";

/** The job file of this user, or of a stranger: what it names, as seen from the folder where parrot is started. */
export type PlacedFile = Pick<JobFile, "inputs" | "options">;

/**
 * Makes sure that a job file names nothing that a person has to name: no file outside its own folder, no address, no
 * other server, and no model that is loaded as code. Names in it start from its folder.
 *
 * @param typed the options that were given on the command line, which a person has named
 * @throws ParrotError `INVALID_OPTION` that says what to type
 */
export async function requireTrusted(
  job: JobFile,
  typed: Readonly<Record<string, unknown>>,
): Promise<PlacedFile> {
  const folder = dirname(job.file);
  const inputs: string[] = [];
  for (const name of job.inputs)
    inputs.push(await placed(name, folder, why(job, "input", "as an INPUT behind it")));
  const options: Record<string, unknown> = { ...job.options };
  for (const [name, row] of JOB_ROWS) {
    const value = options[name];
    const isInline = row.inlinedAs !== undefined && options[row.inlinedAs] !== undefined;
    if (row.namesFile !== true || isInline || Object.hasOwn(typed, name)) continue;
    const refuse = why(job, name, `with ${longOf(row)}`);
    if (typeof value === "string") options[name] = await placed(value, folder, refuse);
    if (Array.isArray(value))
      options[name] = await Promise.all(value.map((each) => placed(String(each), folder, refuse)));
  }
  requireUsualServer(job, typed);
  return { inputs, options };
}

type Refuse = (name: string) => Error;

function why({ file, errorAt }: JobFile, name: string, how: string): Refuse {
  return (given) =>
    errorAt(
      name,
      `${given} leads out of the folder of the job file, and only a person names such a file; type it ${how}: parrot run ${file} …`,
    );
}

/** A name in a job file as it is typed where parrot is started. */
async function placed(given: string, folder: string, refuse: Refuse): Promise<string> {
  if (given === "-") return given;
  // A system follows `link` before it goes up in `link/../file`: what is used is the name that was looked at.
  const name = /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(given) && !isAddress(given) ? normalize(given) : given;
  // A pattern stands for files in the folder that it begins with.
  const [fixed = ""] = name.split(/[*?[{]/, 1);
  if (isAddress(name) || !(await isWithin(join(isAbsolute(fixed) ? "" : folder, fixed), folder)))
    throw refuse(name);
  // `~` is the home folder wherever an input is read, and what stands in braces is a name of its own.
  if (/^~(?:[/\\]|$)/.test(name) || /(?:^|[/\\{,])\.\.(?:[/\\},]|$)|[{,][/\\]/.test(name.slice(fixed.length)))
    throw refuse(name);
  return isAbsolute(name) ? name : nameFrom(process.cwd(), resolve(folder), name);
}

function nameFrom(here: string, folder: string, name: string): string {
  return here === folder ? name : join(relative(here, folder), name);
}

/** A key goes to the server that is asked: another one is named by a person. */
function requireUsualServer(
  { options, errorAt, file }: JobFile,
  typed: Readonly<Record<string, unknown>>,
): void {
  const { model, baseUrl } = options;
  for (const name of ["model", "compare"] as const) {
    const local = typed[name] === undefined ? modelsIn(options[name]).find(isFile) : undefined;
    if (local !== undefined)
      throw errorAt(
        name,
        `a model file is loaded as code, and only a person names one; type it: parrot run ${file} ${longOf(JOB_FLAGS[name])} ${local}`,
      );
  }
  if (typeof baseUrl !== "string" || typed["baseUrl"] !== undefined) return;
  const usual = typeof model === "string" ? usualBaseUrl(model) : undefined;
  if (baseUrl === usual || isThisMachine(baseUrl)) return;
  throw errorAt(
    "baseUrl",
    `your key would be sent to ${baseUrl}, which only a person decides; if that is what you want, type it: parrot run ${file} ${longOf(JOB_FLAGS.baseUrl)} ${baseUrl}`,
  );
}

/** The models of an option, which may have several: each in a line of its own, or in a list. */
function modelsIn(value: unknown): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => (typeof text === "string" ? text.split("\n") : []));
}

function isFile(model: string): boolean {
  return providers.some(
    ({ name, isInProcess }) => isInProcess === true && model.trim().startsWith(`${name}/`),
  );
}

function isThisMachine(address: string): boolean {
  // A base URL without the two slashes is read as one without a scheme: `ftp:/localhost` is the host `ftp`.
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
