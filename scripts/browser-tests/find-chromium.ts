import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const APPS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The Chromium of this machine; `undefined` where there is none. */
export function findChromium(): string | undefined {
  const { PARROT_CHROMIUM, PATH = "" } = process.env;
  const inPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(PARROT_CHROMIUM === undefined ? [] : [PARROT_CHROMIUM]), ...inPath, ...APPS].find(isProgram);
}

/** Has the system's packages bring it, where that needs nobody: on Debian and its like, as root, in CI. */
export function installChromium(): string | undefined {
  if (process.env["CI"] === undefined || process.getuid?.() !== 0) return undefined;
  const install =
    "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core";
  const { status } = spawnSync(install, {
    shell: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status === 0 ? findChromium() : undefined;
}

export function openBrowser(executablePath: string): Promise<Browser> {
  // Root has no sandbox in Chromium; what is opened is our own page.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
