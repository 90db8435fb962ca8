// @module-tag slow

import { gzipSync } from "node:zlib";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
beforeEach(async () => {
  simulator = await startSimulator({ answer: () => "fine" });
  place = await Workplace.open(simulator);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const UNTIDY =
  '\uFEFFTitle\r\nid;size;note\r\n1;26" monitor;a\r\n2; "b; c" ;\r\n \r\n#x\r\n3;d;e;\r\n4\r\n\u001A';
const HOW = ["--skip-lines", "1", "--comment", "#"];
const ASK = ["--prompt", "${id}: ${size}", "--model", "openai/sim", "--no-journal"];

describe("an untidy table", () => {
  it("an untidy table is read, told line by line, and written as it was", async () => {
    await place.write("in.csv", UNTIDY);
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...HOW, "-o", "out.csv");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    for (const line of [
      'The cells of the input are separated by ";", as its first lines show; --delimiter says otherwise',
      "1 cell has a quote inside, without quotes around it: read as text (line 3); --strict refuses that",
      "1 cell has blanks around its quotes, which were dropped (line 4); --strict refuses that",
      "1 line of nothing but blanks left out (line 5); --strict refuses that",
      "1 line left out as comments (line 6) (--comment)",
      "1 row has empty cells behind the last column, which were dropped (line 7); --strict refuses that",
      "1 row has too few cells, filled with empty ones (line 8); --ragged error refuses that",
      "1 line of nothing but Ctrl-Z left out (line 9); --strict refuses that",
    ])
      expect(stderr.split("\n")).toContain(line);
    expect(await place.read("out.csv")).toBe(
      '\uFEFFid;size;note;output\r\n1;"26"" monitor";a;fine\r\n2;"b; c";;fine\r\n3;d;e;fine\r\n4;;;fine\r\n',
    );
  });

  it("an untidy table is refused by --strict before anything is asked, with line and column", async () => {
    await place.write("in.csv", 'id,size\n1,a\n2,26" monitor\n');
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, "--strict");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'parrot: Cannot read in.csv, line 3: column "size": a quote inside an unquoted cell; put the cell in quotes and double the quote\n',
    });
    expect(simulator.ledger.received).toBe(0);
  });

  it("a column of texts with commas is refused, and read by what the message says", async () => {
    await place.write("in.csv", "id\nGood, nice\nWell\nBad, terrible, no\n");
    const ask = ["--prompt", "Rate: ${id}", "--model", "openai/sim", "--no-journal"];
    const refused = await place.run("text", "in.csv", ...ask);
    expect({ code: refused.code, asked: simulator.ledger.received }).toEqual({ code: 2, asked: 0 });
    const [, option = "", value = ""] = /set (--\w+) to .* such as "(.)"$/m.exec(refused.stderr) ?? [];
    const { code } = await place.run("text", "in.csv", ...ask, option, value, "-o", "out.csv");
    expect(code).toBe(0);
    expect(await place.read("out.csv")).toBe(
      "id|output\nGood, nice|fine\nWell|fine\nBad, terrible, no|fine\n",
    );
  });

  it("explode and finetune read what text reads, with the same options", async () => {
    await place.write("in.csv", 'Title\nq|a\n1" pipe|"[1,2]"\n#x\n');
    const exploded = await place.run("explode", "in.csv", "--column", "a", ...HOW, "-o", "out.csv");
    expect(exploded).toMatchObject({ code: 0 });
    expect(exploded.stderr).toContain("1 cell has a quote inside");
    expect(await place.read("out.csv")).toBe('q|a\n"1"" pipe"|1\n"1"" pipe"|2\n');
    const columns = ["--prompt-column", "q", "--completion-column", "a"];
    const tuned = await place.run("finetune", "in.csv", ...columns, ...HOW, "-o", "out.jsonl");
    expect(tuned).toMatchObject({ code: 0 });
    expect(tuned.stderr).toContain('separated by "|"');
  });

  it("text in another encoding is refused with the option that reads it, whatever compresses it", async () => {
    await place.write("in.csv", gzipSync(Buffer.from("id,size\n1,f\xFCr\n", "latin1")));
    const wrong = await place.run("text", "in.csv", ...ASK);
    expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /line 2: invalid UTF-8 at byte offset 11 \(0xfc\); set --encoding to what it is, such as "windows-1252"/,
      ),
    });
    const right = await place.run("text", "in.csv", ...ASK, "--encoding", "windows-1252", "-o", "out.csv");
    expect(right.stderr).toContain("compressed with gzip, though its name does not say so");
    expect(await place.read("out.csv")).toBe("id,size,output\n1,für,fine\n");
  });

  it("text in another encoding is refused for that, also where its cells are separated by semicolons", async () => {
    await place.write("in.csv", Buffer.from("id;size\r\n1;f\xFCr\r\n2;26\r\n", "latin1"));
    const wrong = await place.run("text", "in.csv", ...ASK);
    expect(wrong.stderr).toMatch(/line 2: invalid UTF-8 .* set --encoding to what it is/);
    const right = await place.run("text", "in.csv", ...ASK, "--encoding", "windows-1252", "-o", "out.csv");
    expect(right).toMatchObject({ code: 0 });
    expect(await place.read("out.csv")).toBe("id;size;output\r\n1;für;fine\r\n2;26;fine\r\n");
  });
});
