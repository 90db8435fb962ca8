import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isPrivate } from "./private-addresses.ts";

/** A name that was on the internet has got an address of this machine or network. */
export class PrivateAddressError extends Error {
  override readonly name: string = "PrivateAddressError";
}

/**
 * Names of servers that were seen on the internet, and stay there: whoever owns a name can give it a private address a
 * moment after it was looked at, and would have this machine ask servers that only it can reach.
 */
export class InternetHosts {
  readonly #names = new Set<string>();
  readonly #find: typeof systemLookup;

  /** @param find for tests */
  constructor(find: typeof systemLookup = systemLookup) {
    this.#find = find;
  }

  add(hostname: string): void {
    this.#names.add(nameOf(hostname));
  }

  has(hostname: string): boolean {
    const name = nameOf(hostname);
    return isIP(name) > 0 ? !isPrivate(name) : this.#names.has(name);
  }

  /** Finds the addresses to connect to: what is connected to is what was looked at. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#find(hostname, { ...options, all: true }, (error, addresses) => {
      const refusal = error ?? this.#refusalOf(hostname, addresses);
      const [first] = refusal === undefined ? addresses : [];
      if (first === undefined) callback(refusal ?? leadsNowhere(hostname), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  #refusalOf(hostname: string, addresses: readonly LookupAddress[]): Error | undefined {
    const name = nameOf(hostname);
    if (!addresses.some(({ address }) => isPrivate(address))) this.#names.add(name);
    else if (this.#names.has(name))
      return new PrivateAddressError(
        `${hostname} was on the internet and now leads to this machine or network`,
      );
    return undefined;
  }
}

function nameOf(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

function leadsNowhere(hostname: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" });
}
