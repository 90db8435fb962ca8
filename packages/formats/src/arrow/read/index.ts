export { ArrowReader } from "./arrow-reader.ts";
export { requireWholeFile } from "./require-whole-file.ts";
