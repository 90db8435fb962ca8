/** Writes the pages that the site is built from: documents, what they link to, and the reference. */
import { rmSync } from "node:fs";
import { PAGES } from "./repository.ts";
import { writePages } from "./write-pages.ts";
import { writeReference } from "./write-reference.ts";

rmSync(PAGES, { recursive: true, force: true });
const counts = writePages();
writeReference();
console.log([...counts].map(([kind, count]) => `${kind}: ${count}`).join(", "));
