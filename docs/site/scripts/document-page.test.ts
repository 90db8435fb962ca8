import { describe, expect, it } from "vitest";
import { documentPage, type Page } from "./document-page.ts";
import { shownFor } from "./page-path.ts";

function pageOf(path: string, markdown: string): Page {
  const shown = shownFor(path);
  if (shown === undefined) throw new Error(`${path} is gone`);
  return documentPage(shown, markdown);
}

describe("documentPage", () => {
  it("leads a link to a folder to the page of its README, with the heading", () => {
    const { text, linked } = pageOf("packages/core/README.md", "See [transport](../transport#outages).");
    expect(text).toBe("See [transport](../transport/index.md#outages).");
    expect(linked.map(({ path }) => path)).toEqual(["packages/transport/README.md"]);
  });

  it("leads a link to a source file or to a folder without a README to a page that shows it", () => {
    const { text } = pageOf("examples/README.md", "[one](src/resume.ts) [all](src) [`data`](data)");
    expect(text).toBe(
      "[one](../source/examples/src/resume-ts.md) [all](../source/examples/src/index.md) [`data`](./data/index.md)",
    );
  });

  it("leaves links in code, headings of the same page and addresses elsewhere as they are", () => {
    const markdown = "`[a](b)` [c](#d) [e](https://example.com/f)\n\n```md\n[g](h)\n```";
    expect(pageOf("README.md", markdown)).toEqual({ text: markdown, linked: [] });
  });

  it("includes a file of the repository from wherever the page is", () => {
    const { text } = pageOf("docs/site/guides/batch.md", "<<< ../../../examples/src/resume.ts#run");
    expect(text).toBe("<<< ../../../../examples/src/resume.ts#run");
  });

  it("refuses a link or an included file that does not exist, with the document and the line", () => {
    expect(() => pageOf("README.md", "\n[gone](docs/gone.md)")).toThrow(
      "README.md:2 names docs/gone.md, which does not exist",
    );
    expect(() => pageOf("README.md", "<<< examples/gone.ts")).toThrow("README.md:1 names examples/gone.ts");
    expect(() => pageOf("README.md", "<<< examples/src/resume.ts#gone")).toThrow(
      "README.md:1 names the region gone, which examples/src/resume.ts does not have",
    );
  });
});
