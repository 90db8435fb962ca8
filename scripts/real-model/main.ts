/**
 * Runs the product against models, servers and descriptions that nobody here wrote, on this machine: they are installed
 * by pip and npm into a cache outside the repository. Takes about a minute of one core once they are there.
 */
import { testDescriptions } from "./description-tests.ts";
import { findPython, installLlama, installMock, installPython, installValidator } from "./install.ts";
import { testLocal } from "./local-tests.ts";
import { testMock } from "./mock-tests.ts";
import { testServer } from "./server-tests.ts";

testMock(installMock());
const python = findPython();
if (python === undefined) {
  console.log(
    "The tests with a real model, and those with the vendors' descriptions of their APIs, did NOT run: there is no Python with pip on this machine, by which both are installed.",
  );
} else {
  const packages = installPython(python);
  testDescriptions({ python: packages.folder, validator: installValidator() });
  const llamaFolder = installLlama();
  process.env["PARROT_LLAMA_FOLDER"] = llamaFolder;
  await import("./find-llama.ts");
  testServer(packages);
  testLocal({ llamaFolder, modelFile: packages.modelFile });
}
