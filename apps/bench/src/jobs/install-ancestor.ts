import { installPython } from "../install-python.ts";

/** The Python that has the ancestor. @throws where it cannot be installed */
export function installAncestor(): Promise<string> {
  return installPython("ancestor", ["parallel-parrot==0.9.0"]);
}
