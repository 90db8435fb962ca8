/**
 * In an ESM bundle, esbuild leaves undici's `require("node:…")` to a global `require`, which an ES module does not
 * have, so that the bundle would not start. In a bundle, and only there, this file defines one. It knows that it is
 * in a bundle when the file that it runs in has another name.
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
