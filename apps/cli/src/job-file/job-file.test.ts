// @module-tag slow

import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JOB_ROWS } from "../flags/job-flags.ts";
import { jobOfFile } from "./job-of-file.ts";
import { keyOf } from "./job-keys.ts";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator();
  place = await Workplace.open(simulator);
  await place.write("in.csv", "review\nkettle\ntent\nlamp\n");
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const JOB = `command: columns
input: in.csv
output: out.csv
model: openai/sim
prompt: |
  How urgent is this?
  \${review}
keys: [urgency, reason]
max-tokens: 50
stop: ["\\n\\n", END]
max-failures: 50%
price: { input: 0.4, output: 1.6, max-output: 100 }
`;

describe("parrot run", () => {
  it("a job file is the same run as the command that it stands for", async () => {
    await place.write("job.yaml", JOB);
    const { code, stderr } = await place.run("run", "job.yaml");
    expect(stderr).toContain("3 rows answered, 3 rows in out.csv");
    expect(code).toBe(0);
    const typed = [
      "columns",
      "in.csv",
      "-o",
      "out.csv",
      "--model",
      "openai/sim",
      "--keys",
      "urgency,reason",
      "--prompt",
      "How urgent is this?\n${review}\n",
      "--max-tokens",
      "50",
      "--stop",
      "\n\n",
      "END",
      "--max-failures",
      "50%",
      "--price",
      "input=0.4,output=1.6,max-output=100",
    ];
    const same = await place.run(...typed);
    expect(same.stderr).toContain("Nothing to do: 3 rows were answered before");
    expect(simulator.ledger.received).toBe(3);
    expect((await place.read("out.csv")).split("\n", 1)).toEqual(["review,urgency,reason"]);
  });

  it("what is typed comes before what the file says", async () => {
    await place.write(
      "job.json",
      JSON.stringify({
        command: "text",
        input: "in.csv",
        model: "openai/sim",
        prompt: "A ${review}",
        limit: 1,
      }),
    );
    await place.write("other.csv", "review\nrope\n");
    const other = await place.run(
      "run",
      "job.json",
      "other.csv",
      "--prompt",
      "B ${review}",
      "--output-key",
      "b",
    );
    expect(other.stdout).toMatch(/^review,b\nrope,/);
    const all = await place.run("run", "job.json", "--limit", "2");
    expect(all.stdout.trim().split("\n")).toHaveLength(3);
  });

  it("a run of the journal is shown as a job file that finds its answers", async () => {
    await place.write(
      "schema.json",
      '{"type":"object","properties":{"tone":{"type":"string"}},"required":["tone"]}',
    );
    await place.write("prompt.txt", "The tone of ${review}:\nin one word\n");
    await place.write("more.json", '{"service_tier":"flex"}');
    const typed = [
      "data",
      "in.csv",
      "--prompt-file",
      "prompt.txt",
      "--schema",
      "schema.json",
      "--model",
      "openai/sim",
      "--extra-body",
      "more.json",
      "--header",
      "x-team: red",
      "--logit-bias",
      "1734=-100",
      "--no-quotes",
      "--max-failures",
      "2",
      "-o",
      "out.jsonl",
      "--split",
      "a=0.5,b=0.5",
    ];
    const first = await place.run(...typed);
    expect(first.code).toBe(0);
    const shown = await place.run("job", "show");
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain("prompt: |\n  The tone of ${review}:\n  in one word\n");
    expect(shown.stdout).not.toMatch(/x-team|header|prompt-file/);
    await place.write("job.yaml", shown.stdout);
    const again = await place.run("run", "job.yaml", "--overwrite");
    expect(again.stderr).toMatch(/^3 rows answered, .*, 3 found in the journal, /m);
    expect(await place.run("run", "job.yaml", "--header", "x-team: red")).toMatchObject({ code: 0 });
    expect(simulator.ledger.received).toBe(3);
  });

  it.each([
    [
      "command: columns\nmodle: openai/sim\n",
      'job.yaml, line 2, column 1: a job file of columns has no key "modle"; did you mean model?',
    ],
    ["command: tekst\n", 'line 1, column 10: "command": expected one of text, columns, data'],
    ["comand: text\n", 'line 1, column 1: a job file has no key "comand"; did you mean command?'],
    ["input: in.csv\n", 'line 1, column 1: "command" is missing in '],
    [
      "command: text\nmax-tokens: many\n",
      'line 2, column 13: max-tokens cannot be "many": Expected a whole number',
    ],
    ["command: text\non-failure: skip\n", 'line 2, column 13: expected drop, null, stop, got "skip"'],
    ["command: text\nlineage: yes please\n", 'line 2, column 10: expected true or false, got "yes please"'],
    ["command: text\nsystem: [a, b]\n", "line 2, column 9: expected one value, got a list"],
    ["command: text\nkeys: [a]\n", 'line 2, column 1: a job file of text has no key "keys"'],
    ["command: text\ncommand: data\n", "line 2, column 1: the key command is there twice"],
    [
      "command: text\nmodel: &m openai/sim\nprompt: *m\n",
      "line 3, column 9: write the value here again, without an alias",
    ],
    ["command: text\nprompt: !js x\n", "line 2, column 9: Unresolved tag: !js"],
    ["- text\n", "line 1, column 1: expected keys with values"],
    ["command: text\nprompt: 'a\n", "line 3, column 1: Missing closing 'quote"],
    ["command: text\nprompt: Sum up ${review}\nmodel: openai/sim\n", "Nothing to read: give "],
  ])("a wrong job file is refused with its line and column: %j", async (text, message) => {
    await place.write("job.yaml", text);
    await expect(jobOfFile(place.path("job.yaml"), [], {})).rejects.toThrow(message);
  });

  it("explain and estimate take a job file, with options that are typed behind it", async () => {
    await place.write("job.yaml", JOB);
    const explained = await place.run("explain", "run", "job.yaml", "--limit", "2");
    expect(explained.stdout).toContain("2 rows: 0 answered, 2 to be asked");
    const estimated = await place.run("estimate", "run", "job.yaml", "--output-tokens", "10", "--json");
    expect(JSON.parse(estimated.stdout)).toMatchObject({ rows: 3, toAsk: 3, price: { input: 0.4 } });
    expect(simulator.ledger.received).toBe(0);
  });

  it("a wrong job file ends with exit code 2, before anything is sent", async () => {
    await place.write("job.yaml", JOB.replace("model:", "modle:"));
    const { code, stderr } = await place.run("run", "job.yaml");
    expect(stderr).toContain(
      'Cannot use job.yaml, line 4, column 1: a job file of columns has no key "modle"',
    );
    expect(code).toBe(2);
    expect(simulator.ledger.received).toBe(0);
  });

  it("the JSON Schema for editors has each option that a file may give", async () => {
    const file = join(import.meta.dirname, "../../job-file.schema.json");
    const { properties } = JSON.parse(await readFile(file, "utf8"));
    const options = JOB_ROWS.flatMap(([, row]) => (row.isAuthority ? [] : [keyOf(row)]));
    expect(Object.keys(properties)).toEqual(["command", "input", "steps", ...options]);
  });
});

describe("a job file of a stranger", () => {
  const ASK = "command: text\nprompt: Sum up ${review}\nmodel: openai/sim\n";

  it.each([
    ["key-file: /etc/passwd", '"key-file" is not taken from a file', "--key-file"],
    ["key-command: curl evil.example", '"key-command" is not taken from a file', "--key-command"],
    ["dotenv: .env", '"dotenv" is not taken from a file', "--dotenv"],
    ["header: ['x: $HOME']", '"header" is not taken from a file', "--header"],
    ["overwrite: true", '"overwrite" is not taken from a file', "--overwrite"],
    ["trust-journal: true", '"trust-journal" is not taken from a file', "--trust-journal"],
    ["base-url: https://evil.example/v1", "your key would be sent to https://evil.example/v1", "--base-url"],
    ["base-url: ftp:/localhost/v1", "your key would be sent to ftp:/localhost/v1", "--base-url"],
    ["input: ../secret.csv", "../secret.csv leads out of the folder of the job file", "as an INPUT"],
    ["input: /etc/passwd", "/etc/passwd leads out of the folder", "as an INPUT"],
    ["input: 'x*/../../*.csv'", "leads out of the folder", "as an INPUT"],
    ["input: ~/secret.csv", "~/secret.csv leads out of the folder", "as an INPUT"],
    ["input: '~'", "~ leads out of the folder", "as an INPUT"],
    ["input: '{../secret,a}.csv'", "leads out of the folder", "as an INPUT"],
    ["input: '{/etc/passwd,a.csv}'", "leads out of the folder", "as an INPUT"],
    ["input: https://evil.example/a.csv", "https://evil.example/a.csv leads out", "as an INPUT"],
    ["input: link.csv", "link.csv leads out of the folder", "as an INPUT"],
    ["output: ../../.bashrc", "leads out of the folder", "--output"],
    ["output-dir: /tmp", "leads out of the folder", "--output-dir"],
    ["failed: ../f.jsonl", "leads out of the folder", "--failed"],
    ["journal: ../j.db", "leads out of the folder", "--journal"],
    ["image-folder: /home", "leads out of the folder", "--image-folder"],
    ["extra-body: ../more.json", "leads out of the folder", "--extra-body"],
    ["cross: [a.csv, ../b.csv]", "leads out of the folder", "--cross"],
  ])("a job file may not decide this, and says what to type: %s", async (line, message, option) => {
    await place.makeFolder("job");
    await symlink("/etc/passwd", place.path("job/link.csv"));
    await place.write("job/job.yaml", `${ASK}${line}\n`);
    const refused = await jobOfFile(place.path("job/job.yaml"), [], {}).catch(String);
    expect(refused).toContain(", line 4, column ");
    expect(refused).toContain(message);
    expect(refused).toContain(option);
  });

  it.each([
    ["model: local/evil.gguf"],
    ["model: [openai/sim, local/evil.gguf]"],
    ['model: "openai/sim\\nlocal/evil.gguf"'],
    ["model: openai/sim\ncompare: [local/evil.gguf]"],
  ])("a model that is loaded as code is named by a person: %j", async (lines) => {
    await place.write("job.yaml", `command: text\ninput: in.csv\nprompt: Sum up \${review}\n${lines}\n`);
    await expect(jobOfFile(place.path("job.yaml"), [], {})).rejects.toThrow(
      "a model file is loaded as code, and only a person names one",
    );
  });

  it("a name in a job file that goes up behind a link stays in the folder of the job file", async () => {
    await place.makeFolder("job");
    await place.makeFolder("elsewhere/inner");
    await symlink(place.path("elsewhere/inner"), place.path("job/link"));
    await place.write("job/job.yaml", `${ASK}input: ${place.path("job/link/../secret.csv")}\n`);
    const { job } = await jobOfFile(place.path("job/job.yaml"), [], {});
    expect(job.inputs).toEqual([place.path("job/secret.csv")]);
  });

  it("a job file with more keys than can be compared with each other is refused at its first unknown key", async () => {
    const keys = Array.from({ length: 80_000 }, (_, at) => `k${at}: 1`).join("\n");
    await place.write("job.yaml", `${ASK}${keys}\n`);
    const refused = await jobOfFile(place.path("job.yaml"), [], {}).catch(String);
    expect(refused).toContain('line 4, column 1: a job file of text has no key "k0"');
  });

  it.each([
    ["a key", `${ASK}model: openai/other\n`, "line 4, column 1: the key model is there twice"],
    [
      "a key within a value",
      `${ASK}extra-body: { a: 1, a: 2 }\n`,
      "line 4, column 21: the key a is there twice",
    ],
    [
      "more inputs than are looked for",
      `${ASK}input: [${"a,".repeat(10_001)}]\n`,
      "line 4, column 8: 10001 names are more than the 10000 that are looked for",
    ],
    ["too many lists within lists", `${ASK}keys: ${"[".repeat(100_000)}`, "it is nested too deeply"],
  ])("a job file is refused for %s, with its place", async (_what, text, message) => {
    await place.write("job.yaml", text);
    expect(await jobOfFile(place.path("job.yaml"), [], {}).catch(String)).toContain(message);
  });

  it("what a person types may be anywhere, and names in the file start from its folder", async () => {
    await place.makeFolder("jobs/data");
    await place.write("jobs/data/in.csv", "review\nkettle\n");
    await place.write(
      "jobs/job.yaml",
      `${ASK}input: data/in.csv\noutput: out.csv\nbase-url: https://evil.example/v1\n`,
    );
    const inside = await place.run("run", "jobs/job.yaml", "--base-url", simulator.baseUrl);
    expect(inside.stderr).toContain("1 row answered, 1 row in jobs/out.csv");
    const outside = await place.run(
      "run",
      "jobs/job.yaml",
      "in.csv",
      "-o",
      "out.csv",
      "--base-url",
      simulator.baseUrl,
    );
    expect(outside.stderr).toContain("3 rows in out.csv");
    expect(outside.code).toBe(0);
  });

  it("an output that is there is not replaced because a job file says so", async () => {
    await place.write("mine.csv", "precious\n1\n");
    await place.write("job.yaml", `${ASK}input: in.csv\noutput: mine.csv\n`);
    const { code, stderr } = await place.run("run", "job.yaml");
    expect(stderr).toContain("mine.csv");
    expect(code).toBe(2);
    expect(await place.read("mine.csv")).toBe("precious\n1\n");
  });
});
