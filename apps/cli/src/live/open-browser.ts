import { spawn } from "node:child_process";

/** The command that opens an address, on each system. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [command: string, ...parameters: string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Whether this user sits before a screen on which a browser could open. */
export function hasScreen(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION } = process.env;
  if (SSH_CONNECTION !== undefined) return false;
  return process.platform in OPENERS || DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined;
}

/** @param onNone called where there is no browser */
export function openBrowser(url: string, onNone: () => void): void {
  const [command, ...parameters] = OPENERS[process.platform] ?? ["xdg-open"];
  const opener = spawn(command, [...parameters, url], { detached: true, stdio: "ignore" });
  opener.on("error", onNone);
  opener.unref();
}
