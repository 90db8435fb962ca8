/** Loaded before a program: node-llama-cpp is found in the folder where these tests have installed it. */
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const parentURL = pathToFileURL(join(process.env["PARROT_LLAMA_FOLDER"] ?? "", "package.json")).href;
registerHooks({
  resolve: (name, context, next) =>
    next(name, name === "node-llama-cpp" ? { ...context, parentURL } : context),
});
