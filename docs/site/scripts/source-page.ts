import { posix } from "node:path";
import type { Page } from "./document-page.ts";
import { shownFor, type Shown } from "./page-path.ts";

/** Makes a page of a file of the repository that is no document. */
export function sourcePage({ path }: Shown, text: string): Page {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map((marks) => marks.length));
  const fence = "`".repeat(longest + 1);
  const language = posix.extname(path).slice(1);
  const code = `${fence}${language}\n${text.trimEnd()}\n${fence}\n`;
  return { text: `# ${posix.basename(path)}\n\n\`${path}\`\n\n${code}`, linked: [] };
}

/** Makes a page that lists what is in a folder of the repository. */
export function folderPage({ path, page }: Shown, names: readonly string[]): Page {
  const linked: Shown[] = [];
  const lines = names.map((name) => {
    const shown = shownFor(posix.join(path, name));
    if (shown === undefined) throw new Error(`${posix.join(path, name)} is gone`);
    linked.push(shown);
    return `- [${name}](./${posix.relative(posix.dirname(page), shown.page)})`;
  });
  return { text: `# ${posix.basename(path)}\n\n\`${path}\`\n\n${lines.join("\n")}\n`, linked };
}
