/**
 * Says in one sentence which Node.js is needed, before anything else of the library or of a dependency runs: an older
 * one would fail somewhere in the middle with an unclear error. Every package imports this one first.
 */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  const error = new Error(`parallel-parrot needs Node.js 22.19 or later; this is ${process.versions.node}`);
  // The stack says nothing about the cause.
  error.stack = String(error);
  throw error;
}
