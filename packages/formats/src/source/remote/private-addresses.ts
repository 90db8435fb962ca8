import { BlockList, isIPv6 } from "node:net";

/** Ranges of this machine and of networks that the internet does not reach, or that only a machine of a cloud does. */
const RANGES = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  // What tells a machine of Azure its settings.
  ["168.63.129.16", 32],
] as const;

const PRIVATE = new BlockList();
for (const [range, bits] of RANGES) {
  PRIVATE.addSubnet(range, bits);
  // IPv6 has forms with an address of IPv4 in them: by NAT64, by 6to4, and the old one without a prefix.
  const [a = 0, b = 0, c = 0, d = 0] = range.split(".").map(Number);
  const words = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  PRIVATE.addSubnet(`64:ff9b::${words}`, 96 + bits, "ipv6");
  PRIVATE.addSubnet(`2002:${words}::`, 16 + bits, "ipv6");
  PRIVATE.addSubnet(`::${words}`, 96 + bits, "ipv6");
}
for (const [range, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
] as const)
  PRIVATE.addSubnet(range, bits, "ipv6");

/** Whether an address is one of this machine or of a private network. */
export function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
