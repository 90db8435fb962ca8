import { describe, expectTypeOf, it } from "vitest";
import {
  parseTemplate,
  template,
  type PromptTemplate,
  type Template,
  type TemplateColumns,
} from "../index.ts";

describe("TemplateColumns", () => {
  it("TemplateColumns finds the columns of a literal template", () => {
    expectTypeOf<TemplateColumns<"no columns">>().toEqualTypeOf<never>();
    expectTypeOf<TemplateColumns<"Write about ${text}">>().toEqualTypeOf<"text">();
    expectTypeOf<TemplateColumns<"$a_1, ${b c}; $a_1$d.">>().toEqualTypeOf<"a_1" | "b c" | "d">();
    expectTypeOf<TemplateColumns<"$$text costs $$5 $price">>().toEqualTypeOf<"price">();
  });

  it("TemplateColumns leaves out columns with a default, paths, escaped names and names that are known only at run time", () => {
    expectTypeOf<TemplateColumns<"${a:-none} ${b.c} ${d\\}e} $f">>().toEqualTypeOf<"f">();
    expectTypeOf<TemplateColumns<string>>().toEqualTypeOf<never>();
  });

  it("TemplateColumns takes templates with hundreds of columns", () => {
    type Repeat<Text extends string> = `${Text}${Text}${Text}${Text}${Text}${Text}${Text}${Text}`;
    expectTypeOf<TemplateColumns<Repeat<Repeat<Repeat<"$text ">>>>>().toEqualTypeOf<"text">();
  });
});

describe("parseTemplate and template", () => {
  it("parseTemplate and the template tag infer their columns", () => {
    expectTypeOf(parseTemplate("Write about ${text}")).toEqualTypeOf<Template<"text">>();
    expectTypeOf(template`Summarise ${"text"} for ${"audience"}`).toEqualTypeOf<
      Template<"text" | "audience">
    >();
    expectTypeOf(template`${"author.name"}, ${"text"}`).toEqualTypeOf<Template<"text">>();
  });

  it("a parsed template is a prompt for every row type that has its columns, and for no other", () => {
    expectTypeOf<Template<"text">>().toExtend<PromptTemplate<Record<"text" | "id", unknown>>>();
    expectTypeOf<Template<"text">>().toExtend<PromptTemplate>();
    expectTypeOf<Template<"text">>().not.toExtend<PromptTemplate<Record<"id", unknown>>>();
  });
});
