import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type DefaultTheme } from "vitepress";
import { slugOf } from "./slug-of.ts";

const pages = join(import.meta.dirname, "../.pages");

const GUIDES = [
  "classify",
  "extract",
  "generate",
  "judge",
  "fine-tune",
  "batch",
  "many-machines",
  "in-your-server",
];

/** All words of what is typed, and first the pages for those who use it. */
const SEARCH = {
  combineWith: "AND",
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 4, titles: 1, text: 2 },
  boostDocument: (id: string): number => (/^\/(?:api|source|docs\/decisions)\//.test(id) ? 0.3 : 1),
} as const;

export default defineConfig({
  title: "parallel-parrot",
  description: "A table and a prompt template in, an LLM's answer for every row out.",
  // No picture: without this a browser asks for one that is not there.
  head: [["link", { rel: "icon", href: "data:," }]],
  srcDir: ".pages",
  outDir: ".site",
  cacheDir: ".cache",
  // The build of a commit is the same whenever it is made.
  lastUpdated: false,
  // What the names of all chunks are is 50 kB, which each page would hold.
  metaChunk: true,
  markdown: {
    // What looks like a tag in a document, such as a type's `<T>`, is text.
    html: false,
    anchor: { slugify: slugOf },
    config({ renderer, utils }) {
      const { code_inline: code } = renderer.rules;
      // Two braces would be an expression of Vue's.
      renderer.rules["text"] = (tokens, index) =>
        withoutBraces(utils.escapeHtml(tokens[index]?.content ?? ""));
      renderer.rules["code_inline"] = (...rest) => withoutBraces(code?.(...rest) ?? "");
    },
  },
  // The index for the search holds all pages.
  vite: { build: { chunkSizeWarningLimit: 10_000 } },
  themeConfig: {
    search: { provider: "local", options: { miniSearch: { searchOptions: SEARCH } } },
    outline: [2, 3],
    externalLinkIcon: true,
    nav: [
      { text: "Start here", link: "/" },
      { text: "Command line", link: "/apps/cli/" },
      { text: "Reference", link: "/api/" },
      { text: "When something goes wrong", link: "/docs/when-something-goes-wrong" },
    ],
    sidebar: [
      { text: "Start here", link: "/" },
      { text: "Guides", items: GUIDES.map((name) => item(`guides/${name}`)) },
      {
        text: "In use",
        items: [
          { text: "The command line", link: "/apps/cli/" },
          { text: "Examples in code", link: "/examples/" },
          { text: "When something goes wrong", link: "/docs/when-something-goes-wrong" },
          { text: "What is trusted", link: "/docs/trust" },
          { text: "Measurements", link: "/apps/bench/" },
        ],
      },
      { text: "Packages", collapsed: true, items: folders("packages") },
      { text: "Reference", collapsed: true, link: "/api/", items: folders("api").toSorted(mainFirst) },
      {
        text: "How it is made",
        collapsed: true,
        items: [
          { text: "Architecture", link: "/ARCHITECTURE" },
          { text: "Decisions", link: "/docs/decisions/" },
          { text: "Contributing", link: "/CONTRIBUTING" },
          { text: "Security", link: "/SECURITY" },
        ],
      },
    ],
  },
});

/** An item of the sidebar with the title of its page. */
function item(page: string): DefaultTheme.SidebarItem {
  const title = /^# (?<title>.+)$/m.exec(readFileSync(join(pages, `${page}.md`), "utf8"))?.groups?.["title"];
  return { text: title ?? page, link: `/${page}` };
}

/** An item for each folder of pages in a folder. */
function folders(folder: string): DefaultTheme.SidebarItem[] {
  return readdirSync(join(pages, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ text: name, link: `/${folder}/${name}/` }))
    .toSorted((one, other) => one.text.localeCompare(other.text));
}

/** The package that people import, then the others as they are. */
function mainFirst(one: DefaultTheme.SidebarItem, other: DefaultTheme.SidebarItem): number {
  return Number(other.text === "parallel-parrot") - Number(one.text === "parallel-parrot");
}

function withoutBraces(html: string): string {
  return html.replaceAll("{{", "&#123;&#123;");
}
