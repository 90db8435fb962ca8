/**
 * Runs the product against models and servers that nobody here wrote, on this machine: they are installed by pip and
 * npm into a cache outside the repository. Takes about a minute of one core once they are there.
 */
import { findPython, installLlama, installPython } from "./install.ts";
import { testLocal } from "./local-tests.ts";
import { testServer } from "./server-tests.ts";

const python = findPython();
if (python === undefined) {
  console.log(
    "The tests with a real model did NOT run: there is no Python on this machine, by which they install the model and its server. Everything else was tested.",
  );
} else {
  const packages = installPython(python);
  const llamaFolder = installLlama();
  process.env["PARROT_LLAMA_FOLDER"] = llamaFolder;
  await import("./find-llama.ts");
  testServer(packages);
  testLocal({ llamaFolder, modelFile: packages.modelFile });
}
