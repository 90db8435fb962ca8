/**
 * Has programs that are started by their names alone looked for in the folders of PATH. Windows looks in the current folder
 * first, which may be a stranger's: for what opens a browser, and for what a provider's library starts to find a key, such
 * as `gcloud`. Node.js and its shell there look at this variable of the process.
 */
export function findProgramsInPathAlone(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): void {
  if (platform === "win32") environment["NoDefaultCurrentDirectoryInExePath"] = "1";
}
