import "./bundled-require.ts";

/**
 * What is used of undici, loaded after what it needs in a bundle. It is imported by its file, as Bun replaces the
 * bare name `undici` with a module of its own that lacks this.
 */
export { Client, Dispatcher, errors } from "undici/index.js";
