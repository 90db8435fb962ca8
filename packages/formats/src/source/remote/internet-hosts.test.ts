import { once } from "node:events";
import { createServer } from "node:http";
import type { lookup as systemLookup } from "node:dns";
import type { AddressInfo } from "node:net";
import { createAgent } from "@parallel-parrot/transport";
import { describe, expect, it } from "vitest";
import { InternetHosts, PrivateAddressError } from "./internet-hosts.ts";
import { isPrivate } from "./private-addresses.ts";

/** A system whose names have the addresses that are left for them, the first of a list at a time. */
function hostsWith(addresses: Readonly<Record<string, string[][]>>): InternetHosts {
  const find = (name: string, _: unknown, callback: (...given: unknown[]) => void): void => {
    const found = addresses[name]?.shift() ?? [];
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return new InternetHosts(find as unknown as typeof systemLookup);
}

function lookUp(hosts: InternetHosts, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    hosts.lookup(name, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

describe("InternetHosts", () => {
  it("a name that was on the internet is not connected to on a private network", async () => {
    const hosts = hostsWith({
      "a.example": [["192.0.2.1"], ["127.0.0.1"], ["192.0.2.1", "::1"], ["192.0.2.2"]],
    });
    expect(await lookUp(hosts, "a.example")).toEqual([{ address: "192.0.2.1", family: 4 }]);
    await expect(lookUp(hosts, "a.example")).rejects.toThrow("now leads to this machine or network");
    await expect(lookUp(hosts, "a.example")).rejects.toBeInstanceOf(PrivateAddressError);
    expect(await lookUp(hosts, "a.example")).toEqual([{ address: "192.0.2.2", family: 4 }]);
  });

  it("a name of a private network that the user gives is connected to", async () => {
    const hosts = hostsWith({ "inner.example": [["10.0.0.1"], ["10.0.0.2"]] });
    expect(await lookUp(hosts, "inner.example")).toEqual([{ address: "10.0.0.1", family: 4 }]);
    expect(await lookUp(hosts, "inner.example")).toEqual([{ address: "10.0.0.2", family: 4 }]);
    expect(hosts.has("inner.example")).toBe(false);
    await expect(lookUp(hosts, "no.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("a request to a name that was on the internet does not reach a server of this machine", async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const hosts = hostsWith({ "a.example": [["127.0.0.1"]], "b.example": [["127.0.0.1"]] });
    hosts.add("A.example.");
    const agent = createAgent({ connect: { lookup: hosts.lookup }, proxy: false });
    try {
      const ask = (name: string): Promise<unknown> =>
        agent.request({ origin: `http://${name}:${port}`, path: "/", method: "GET" });
      await expect(ask("a.example")).rejects.toBeInstanceOf(PrivateAddressError);
      expect(asked).toBe(0);
      expect(await ask("b.example")).toMatchObject({ statusCode: 200 });
    } finally {
      await agent.destroy();
      server.close();
    }
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
  ])("%s is an address of this machine or of a private network", (address) => {
    expect(isPrivate(address)).toBe(true);
  });

  it.each([
    "192.0.2.1",
    "8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
  ])("%s is an address of the internet", (address) => {
    expect(isPrivate(address)).toBe(false);
  });
});
