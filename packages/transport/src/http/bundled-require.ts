/**
 * In a bundle of the ESM form, esbuild leaves undici's `require("node:…")` to a global `require`, which such a file
 * does not have, and the bundle would not start. There, and only there, it gets one. A bundle is known by its name:
 * it is not this file's.
 */
import { createRequire } from "node:module";

const url: string | undefined = import.meta.url;
if (url !== undefined && !/\/bundled-require\.[jt]s(?:$|\?)/.test(url) && !("require" in globalThis)) {
  Object.defineProperty(globalThis, "require", {
    value: createRequire(url),
    configurable: true,
    writable: true,
  });
}
