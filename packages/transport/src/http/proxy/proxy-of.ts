import { ParrotError } from "@parallel-parrot/core";
import { isExcepted, isLoopback } from "./no-proxy.ts";

/** A proxy that connections go through. */
export interface Proxy {
  readonly url: URL;
  /** Its address without credentials, and where it was set: for messages. */
  readonly name: string;
  /** The headers that it asks for; empty if it has no credentials. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How an origin is reached. */
export interface Route {
  /** `undefined` where it is reached directly. */
  readonly proxy: Proxy | undefined;
  /** Why a proxy that is set is not used, in a whole sentence; `undefined` where none is set, and for this machine. */
  readonly unused: string | undefined;
}

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] as const;

type ProxyVariable = (typeof NAMES)[number];

/** The environment variables that say which proxy is used. */
export const PROXY_VARIABLES: readonly string[] = NAMES.flatMap((name) => spellingsOf(name));

type Environment = Readonly<Record<string, string | undefined>>;

const DIRECT: Route = { proxy: undefined, unused: undefined };

/**
 * Finds the proxy for an origin: the given one, or that of `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, in small letters
 * first, unless `NO_PROXY` excepts the host. This machine is always reached directly.
 *
 * @param proxy an address; `false` for none; `undefined` for what the environment says
 * @throws ParrotError `INVALID_OPTION` if the address cannot be used; its message shows no credentials
 */
export function routeOf(
  origin: URL,
  proxy: string | false | undefined,
  environment: Environment = process.env,
): Route {
  const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
  if (proxy === false || isLoopback(host)) return DIRECT;
  if (proxy !== undefined) return { proxy: parseProxy(proxy, "proxy"), unused: undefined };
  const read = (name: ProxyVariable): Setting | undefined => settingOf(name, environment);
  const isSecure = origin.protocol === "https:";
  const setting = read(isSecure ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY");
  if (setting === undefined) return { proxy: undefined, unused: otherScheme(isSecure, read) };
  const { value: list, name } = read("NO_PROXY") ?? { value: "", name: "" };
  const port = Number(origin.port) || (isSecure ? 443 : 80);
  return isExcepted(host, port, list)
    ? { proxy: undefined, unused: `${setting.name} is set, but ${name} excepts ${host}` }
    : { proxy: parseProxy(setting.value, setting.name), unused: undefined };
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

/** curl and others take the name in small letters first. */
function spellingsOf(name: ProxyVariable): readonly string[] {
  return [name.toLowerCase(), name];
}

function settingOf(name: ProxyVariable, environment: Environment): Setting | undefined {
  for (const spelling of spellingsOf(name)) {
    const value = environment[spelling]?.trim();
    if (value !== undefined && value !== "") return { name: spelling, value };
  }
  return undefined;
}

function otherScheme(
  isSecure: boolean,
  read: (name: ProxyVariable) => Setting | undefined,
): string | undefined {
  const other = read(isSecure ? "HTTP_PROXY" : "HTTPS_PROXY");
  if (other === undefined) return undefined;
  const [has, wants] = isSecure ? ["http", "HTTPS_PROXY"] : ["https", "HTTP_PROXY"];
  return `${other.name} is set, but holds for ${has}: addresses alone; ${wants} is not set`;
}

/** A proxy without a scheme speaks plain HTTP. */
function parseProxy(text: string, option: string): Proxy {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === "") {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use what is set as ${option} as a proxy: expected an address such as http://proxy.example:3128`,
      { option },
    );
  }
  if (!/^https?:$/.test(url.protocol)) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use the ${url.protocol.slice(0, -1)} proxy that is set as ${option}: only http: and https: proxies are supported`,
      { option },
    );
  }
  return { url, name: `${url.host} (${option})`, headers: credentialsOf(url, option) };
}

function credentialsOf({ username, password }: URL, option: string): Proxy["headers"] {
  if (username === "" && password === "") return {};
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
  } catch {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot read the credentials of the proxy that is set as ${option}: write % as %25 in them`,
      { option },
    );
  }
}
