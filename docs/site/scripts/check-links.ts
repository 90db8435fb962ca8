/** Checks in the built site that every link, picture and anchor leads somewhere. Addresses elsewhere are only counted. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const SITE = join(import.meta.dirname, "../.site");
const LINK = /<(?:a|img)\s[^>]*?(?:href|src)="(?<target>[^"]*)"/g;

/** The text of each page, without what is shown around it on every page. */
const pages = new Map(
  globSync("**/*.html", { cwd: SITE }).map((page) => {
    return [page.replaceAll("\\", "/"), readFileSync(join(SITE, page), "utf8")] as const;
  }),
);
const anchors = new Map(
  [...pages].map(([page, html]) => {
    return [page, new Set(Array.from(html.matchAll(/\sid="([^"]*)"/g), ([, id = ""]) => plain(id)))] as const;
  }),
);

/** Attributes of HTML are written with entities, and addresses with escapes of their own. */
function plain(attribute: string): string {
  return decodeURIComponent(
    attribute.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'"),
  );
}

/** What is wrong with a link of a page, or nothing. */
function fault(page: string, target: string): string | undefined {
  const [path = "", anchor = ""] = target.split("#").map(plain);
  const absolute = posix.join("/", path === "" ? page : posix.resolve("/", dirname(page), path)).slice(1);
  const file = path.endsWith("/") || absolute === "" ? posix.join(absolute, "index.html") : absolute;
  if (!pages.has(file)) return existsSync(join(SITE, file)) ? undefined : "there is no such page";
  return anchor === "" || anchors.get(file)?.has(anchor) === true
    ? undefined
    : "the page has no such heading";
}

let checked = 0;
const elsewhere = new Set<string>();
const dead: string[] = [];
for (const [page, html] of pages) {
  for (const { groups } of html.matchAll(LINK)) {
    const target = groups?.["target"] ?? "";
    if (/^(?:[a-z]+:|\/\/)/.test(target)) {
      elsewhere.add(target);
      continue;
    }
    checked += 1;
    const wrong = fault(page, target);
    if (wrong !== undefined) dead.push(`${page} links to ${target}: ${wrong}`);
  }
}
for (const line of new Set(dead)) console.error(line);
console.log(
  `${checked} links of ${pages.size} pages checked, ${dead.length} dead; not asked: ${elsewhere.size} addresses elsewhere`,
);
// A check that finds hardly anything to check has looked in the wrong place.
if (dead.length > 0 || pages.size < 100) process.exitCode = 1;
