/**
 * Runs the product against models and servers that nobody here wrote, on this machine: they are installed by pip and
 * npm into a cache outside the repository. Takes a minute once they are there.
 */
import { findPython, installPython } from "./install.ts";
import { testServer } from "./server-tests.ts";

const python = findPython();
if (python === undefined) {
  console.log(
    "The tests with a real model did NOT run: there is no Python on this machine, by which they install the model and its server. Everything else was tested.",
  );
} else {
  testServer(installPython(python));
}
