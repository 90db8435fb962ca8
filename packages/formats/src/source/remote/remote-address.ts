import { ParrotError } from "@parallel-parrot/core";

/** What stands in place of the query of an address, which may have a signature in it. */
const HIDDEN_QUERY = "?…";

/** Whether a name is a web address, or that of another place which is no file of this machine. */
export function isAddress(name: string): boolean {
  return /^[a-z][a-z\d+.-]+:\/\//i.test(name);
}

/**
 * An address for messages, journals and outputs: without its query, which may be a signature, and without user names
 * and passwords. Any other name stays as it is.
 */
export function shownAddress(name: string): string {
  if (!isAddress(name)) return name;
  const url = URL.parse(name);
  if (url === null) return name.replace(/[?#].*$/s, HIDDEN_QUERY).replace(/\/\/[^/]*@/, "//");
  return `${url.protocol}//${url.host}${url.pathname}${url.search === "" ? "" : HIDDEN_QUERY}`;
}

/** Whether a shown address lacks its query, so that nothing can be read from it. */
export function isIncomplete(name: string): boolean {
  return isAddress(name) && name.endsWith(HIDDEN_QUERY);
}

/** The part of a name that tells the format: the path of an address. */
export function fileNameOf(name: string): string {
  return isAddress(name) ? (URL.parse(name)?.pathname ?? name) : name;
}

/** What to do for places that are not read by their own names. */
const WAYS_OUT: ReadonlyMap<string, (name: string) => string> = new Map<string, (name: string) => string>([
  ["s3:", (name) => `sign its address with: aws s3 presign ${name}`],
  ["gs:", (name) => `sign its address with: gcloud storage sign-url ${name}`],
  ["hf:", () => "give its address, https://huggingface.co/datasets/NAME/resolve/main/FILE"],
]);

/** The address of a file that can be read. @throws ParrotError `INVALID_INPUT` for any other place */
export function requireWebAddress(name: string): URL {
  const url = URL.parse(name);
  const shown = shownAddress(name);
  if (url === null) throw unusable(shown, "it is no web address");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const wayOut = WAYS_OUT.get(url.protocol)?.(shown);
    throw unusable(
      shown,
      wayOut === undefined
        ? "only http: and https: addresses are read; save it as a file and name that"
        : `it is not read by this name; ${wayOut}, and put the address that you get in quotes`,
    );
  }
  if (isIncomplete(name))
    throw unusable(shown, "its query was left out, as it may be a secret; give the whole address");
  if (url.username !== "" || url.password !== "")
    throw unusable(shown, "an address with a user name or password in it is not used; give a signed one");
  url.hash = "";
  return url;
}

function unusable(shown: string, problem: string): ParrotError {
  return new ParrotError("INVALID_INPUT", `Cannot read ${shown}: ${problem}`, { file: shown });
}
