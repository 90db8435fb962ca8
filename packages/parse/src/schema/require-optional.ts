/**
 * Loads a package that need not be installed, by a name that no bundler sees: one that looked for it would fail the
 * build of whoever does without.
 *
 * @throws what `require` throws where it is not installed
 */
export function requireOptional(name: string): unknown {
  // A bundle of the CommonJS form has a name in the place of an address. What lies in the folder where the program
  // runs may be a stranger's.
  const from: string | undefined = import.meta.url;
  return process.getBuiltinModule("node:module").createRequire(from ?? __filename)(name);
}
