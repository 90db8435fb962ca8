import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { shownFor, type Shown } from "./page-path.ts";
import { REPOSITORY } from "./repository.ts";

/** Code, which stays as it is, or the target of a link. */
const CODE_OR_LINK = /(?<code>(?<ticks>`+)[^`].*?\k<ticks>(?!`))|\]\((?<target>[^()\s]+)\)/g;
const FENCE = /^\s*(?<marks>`{3,}|~{3,})/;
/** A file that VitePress shows in place of the line, or a region of it. */
const INCLUDED = /^<<< (?<file>[^#{\s]+)(?<rest>.*)$/;
/** Marks for scripts, such as those around a table that is written by one. */
const COMMENT = /^<!--.*-->$/;

export interface Page {
  readonly text: string;
  /** What its links lead to. */
  readonly linked: readonly Shown[];
}

/** Makes a page of a Markdown document of the repository: its links lead to the pages of what they name. */
export function documentPage(document: Shown, markdown: string): Page {
  const linked: Shown[] = [];
  const home = posix.dirname(document.page);
  let fence = "";

  /** What a path that the document names leads to. */
  function named(path: string, line: number): Shown {
    const shown = shownFor(posix.join(posix.dirname(document.path), path));
    if (shown === undefined) throw new Error(`${document.path}:${line} names ${path}, which does not exist`);
    return shown;
  }

  function pageLink(target: string, line: number): string {
    if (/^(?:[a-z]+:|#)/.test(target)) return target;
    const [path = "", anchor] = target.split("#");
    const shown = named(path, line);
    linked.push(shown);
    const relative = posix.relative(home, shown.page);
    return `${relative.startsWith(".") ? "" : "./"}${relative}${anchor === undefined ? "" : `#${anchor}`}`;
  }

  function pageLine(line: string, place: number): string {
    const marks = FENCE.exec(line)?.groups?.["marks"] ?? "";
    if (fence !== "") {
      if (marks.startsWith(fence)) fence = "";
      return line;
    }
    fence = marks;
    if (marks !== "") return line;
    if (COMMENT.test(line)) return "";
    const included = INCLUDED.exec(line)?.groups;
    if (included !== undefined) {
      const { path } = named(included["file"] ?? "", place + 1);
      const region = /^#(?<name>[\w-]+)/.exec(included["rest"] ?? "")?.groups?.["name"];
      if (
        region !== undefined &&
        !readFileSync(join(REPOSITORY, path), "utf8").includes(`#region ${region}\n`)
      )
        throw new Error(
          `${document.path}:${place + 1} names the region ${region}, which ${path} does not have`,
        );
      // From the page to the repository, whose folder is three above that of the pages.
      return `<<< ${posix.join(posix.relative(home, ""), "../../..", path)}${included["rest"] ?? ""}`;
    }
    return line.replace(CODE_OR_LINK, (found, ...parts: unknown[]) => {
      const groups = parts.at(-1) as { readonly target?: string };
      return groups.target === undefined ? found : `](${pageLink(groups.target, place + 1)})`;
    });
  }

  return { text: markdown.split("\n").map(pageLine).join("\n"), linked };
}
