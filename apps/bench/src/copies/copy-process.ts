/** Copies rows from file to file in a process of its own. Started with `watched-process.ts`. */
import { copyRows } from "./copy-rows.ts";

const [, , from = "", to = ""] = process.argv;
await copyRows(from, to);
