import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPrivate } from "./private-addresses.ts";

/** Finds the addresses of a host. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/**
 * Why a redirect may not be followed; `undefined` where it may. A server on the internet must not have this machine ask
 * servers that only it can reach, such as the one that knows a cloud machine's keys.
 */
export async function refusalOf(
  from: URL,
  to: URL,
  find: Lookup = findAddresses,
): Promise<string | undefined> {
  if (to.protocol !== "https:" && to.protocol !== "http:") return `to a ${to.protocol} address`;
  if (from.protocol === "https:" && to.protocol === "http:") return `from https: to http: (${to.host})`;
  if (to.host === from.host || !(await addressesOf(to, find)).some(isPrivate)) return undefined;
  // Whoever gives a name a private address beside that of a server must not be taken for a neighbour.
  const origins = await addressesOf(from, find);
  if (origins.length > 0 && origins.every(isPrivate)) return undefined;
  return `to ${to.host}, an address of this machine or network`;
}

async function addressesOf({ hostname }: URL, find: Lookup): Promise<readonly string[]> {
  const host = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return isIP(host) > 0 ? [host] : find(host);
}

/** Where the name is known to a proxy alone, that decides. */
async function findAddresses(host: string): Promise<readonly string[]> {
  if (host === "localhost" || host.endsWith(".localhost")) return ["127.0.0.1"];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
