import { ParrotError } from "@parallel-parrot/core";

/** A key as a file or a program gave it. */
export interface KeyText {
  readonly key: string;
  /** When it expires, in milliseconds since 1970; `undefined` where nothing tells it. */
  readonly expiresAt: number | undefined;
}

/** What a key text is read for. */
export interface KeyTextContext {
  /** What messages call the source: `key.txt, given as --key-file`. */
  readonly source: string;
  /** The variables that the provider looks for its key in. */
  readonly variables: readonly string[];
}

/**
 * Reads a key: the bare key, with quotes or without, one of several lines `NAME=value`, or the JSON that a program
 * for signing in prints, with the time at which the key expires.
 *
 * @throws ParrotError `EMPTY_INPUT` or `INVALID_OPTION`; no message shows anything but names of variables
 */
export function readKeyText(text: string, { source, variables }: KeyTextContext): KeyText {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
  const content = lines.join("\n").trim();
  const found = content.startsWith("{")
    ? readJson(content, source)
    : { key: readAssigned(lines, { source, variables }) ?? content };
  // No key begins or ends with a quote, and the scheme of a copied header is sent anyway.
  const key = found.key.replaceAll(/^[\s"']+|(?<![\s"'])[\s"']+$/g, "").replace(/^Bearer\s+/i, "");
  if (key === "") throw new ParrotError("EMPTY_INPUT", `Cannot use ${source}: there is no key in it`);
  if (/\s/.test(key)) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot tell which key to take from ${source}: it has ${/[\r\n]/.test(key) ? "several lines" : "spaces inside"}; expected the key alone, or lines NAME=value`,
    );
  }
  return { key, expiresAt: found.expiresAt ?? expiryOfToken(key) };
}

/**
 * A line of a file for shells, those of Windows too: `NAME=value`, `export NAME=value`, `set NAME=value`,
 * `$env:NAME = "value"`; a comment may follow it. A key in base64 may end in `=` itself.
 */
const ASSIGNMENT = /^(?:export\s+|set\s+|\$env:)?([A-Za-z_]\w*)\s*=(.*)$/i;
const EMPTY_ASSIGNMENT = /^(?:export\s+|set\s+|\$env:)?[A-Z][A-Z\d]*_\w*\s*=\s*(?:""|'')?$/;

/** The name and the value that a line sets; `undefined` where it sets none. */
function assignmentIn(line: string): readonly [name: string, value: string] | undefined {
  const [, name, behind = ""] = ASSIGNMENT.exec(line.trim()) ?? [];
  const value = behind.trim();
  if (name === undefined || value === "" || value === "=") return undefined;
  const comment = value.search(/\s#/);
  return [name, comment === -1 ? value : value.slice(0, comment).trimEnd()];
}

function readAssigned(lines: readonly string[], { source, variables }: KeyTextContext): string | undefined {
  const assigned = new Map<string, string>();
  for (const line of lines) {
    const assignment = assignmentIn(line);
    if (assignment !== undefined) assigned.set(...assignment);
  }
  const [only] = assigned.size === 1 && lines.length === 1 ? assigned.values() : [];
  const known = variables.map((name) => assigned.get(name)).find((value) => value !== undefined);
  if (known !== undefined || only !== undefined) return known ?? only;
  if (assigned.size === 0) return lines.every((line) => EMPTY_ASSIGNMENT.test(line.trim())) ? "" : undefined;
  const wanted = variables.length === 0 ? "" : `, and none of them is ${variables.join(" or ")}`;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot tell which key to take from ${source}: it sets ${[...assigned.keys()].join(", ")}${wanted}`,
  );
}

/** The names that programs for signing in give to a key and to its end. */
const KEY_NAMES = ["accessToken", "access_token", "token", "apiKey", "api_key", "key", "id_token"];
const END_NAMES = ["expires_on", "expiresOn", "expiration", "Expiration", "expirationTimestamp", "expiry"];

function readJson(text: string, source: string): { readonly key: string; readonly expiresAt?: number } {
  const fields = fieldsOf(text);
  // Programs that serve Kubernetes have both one level deeper.
  const { status } = fields;
  const inner = { ...fields, ...(typeof status === "object" ? status : {}) };
  const key = KEY_NAMES.map((name) => inner[name]).find((value) => typeof value === "string");
  if (typeof key !== "string") {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use ${source}: it is JSON without any of the keys ${KEY_NAMES.join(", ")}`,
    );
  }
  const end = END_NAMES.map((name) => timeOf(inner[name])).find((time) => time !== undefined);
  const left = Number(inner["expires_in"]);
  const expiresAt = end ?? (left > 0 ? Date.now() + 1000 * left : undefined);
  return { key, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A time as seconds since 1970, or as a date. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const seconds = Number(value);
  const time = Number.isNaN(seconds) ? Date.parse(String(value)) : 1000 * seconds;
  return Number.isNaN(time) ? undefined : time;
}

/** The end that a JSON Web Token tells of itself. */
function expiryOfToken(key: string): number | undefined {
  const [, payload, signature] = key.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  return timeOf(fieldsOf(Buffer.from(payload, "base64url").toString())["exp"]);
}
