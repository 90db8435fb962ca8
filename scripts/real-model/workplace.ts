import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startParrot, type Finished } from "../../apps/cli/fixtures/run-parrot.ts";

/** A folder in which the built program runs as a user would run it. */
export class Workplace {
  readonly folder: string = mkdtempSync(join(tmpdir(), "parrot-real-"));
  readonly #environment: Readonly<Record<string, string>>;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** The rows of a file of JSON lines. */
  rows(name: string): readonly Readonly<Record<string, unknown>>[] {
    const lines = readFileSync(join(this.folder, name), "utf8").split("\n");
    return lines.flatMap((line): Readonly<Record<string, unknown>>[] =>
      line === "" ? [] : [JSON.parse(line)],
    );
  }

  start(parameters: readonly string[]): ReturnType<typeof startParrot> {
    return startParrot(parameters, this.#environment, this.folder);
  }

  run(...parameters: readonly string[]): Promise<Finished> {
    return this.start(parameters).finished;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
