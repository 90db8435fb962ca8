import "./bundled-require.ts";

/**
 * What is used of undici, loaded behind what it needs in a bundle. By its file: for its bare name, Bun puts in
 * something of its own that cannot do this.
 */
export { Client, Dispatcher, errors } from "undici/index.js";
