// @module-tag slow

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../fixtures/grow-old.ts", import.meta.url));

// V8 may take a kind of object to live for long and make its likes old from the start. That is another matter.
const FLAGS = ["--expose-gc", "--no-allocation-site-pretenuring", "--conditions=@parallel-parrot/source"];

describe("rows that are done with", () => {
  // A row takes a kilobyte. A chain of dead objects that reaches from an old one to each new one keeps all of it.
  it.for(["single", "budget", "pool"])(
    "rows that are done with are collected while they are young, with %s, whatever has become old before",
    async (name) => {
      const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, SCRIPT, name]);
      expect(Number(stdout)).toBeLessThan(300);
    },
  );
});
