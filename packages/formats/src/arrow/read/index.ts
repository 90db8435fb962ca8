export { ArrowReader } from "./arrow-reader.ts";
export { openArrow } from "./open-arrow.ts";
