import { BlockList, isIP, isIPv6 } from "node:net";

/**
 * Whether a host is reached without the proxy, by a list such as `localhost, .corp.example, 10.0.0.0/8, host:8080`:
 * a name means its subdomains too, `*` means everything. Tools differ in the details; what one of the common ones
 * understands is understood here.
 */
export function isExcepted(host: string, port: number, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(host.replace(/\.$/, "").toLowerCase(), port, entry.toLowerCase()));
}

/** Whether a host is this machine, which no proxy can reach. */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    (isIP(host) > 0 && LOOPBACK.check(host, family(host)))
  );
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("0.0.0.0");
LOOPBACK.addAddress("::1", "ipv6");
LOOPBACK.addAddress("::", "ipv6");

function matches(host: string, port: number, entry: string): boolean {
  const { name, port: only } = splitPort(entry);
  if (only !== undefined && only !== port) return false;
  if (name === "*") return true;
  if (isIP(host) > 0) return isInRange(host, name);
  const domain = name.replace(/^\*?\./, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

/** An IPv6 address has a port only after brackets. */
function splitPort(entry: string): { readonly name: string; readonly port?: number } {
  const [, bracketed, behind] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? [];
  if (bracketed !== undefined)
    return { name: bracketed, ...(behind === undefined ? {} : { port: Number(behind) }) };
  const [, name, port] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return name === undefined ? { name: entry } : { name, port: Number(port) };
}

/** Whether an address is this one, or one of a range such as `10.0.0.0/8`. */
function isInRange(host: string, range: string): boolean {
  const [address = "", bits = isIPv6(host) ? "128" : "32"] = range.split("/");
  const length = Number(bits);
  if (isIP(address) !== isIP(host) || !Number.isInteger(length) || length > (isIPv6(host) ? 128 : 32))
    return false;
  const block = new BlockList();
  block.addSubnet(address, length, family(host));
  return block.check(host, family(host));
}

function family(host: string): "ipv4" | "ipv6" {
  return isIPv6(host) ? "ipv6" : "ipv4";
}
