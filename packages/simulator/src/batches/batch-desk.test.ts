import { describe, expect, it } from "vitest";
import { start } from "../../fixtures/samples.ts";
import type { BatchOptions, Simulator, SimulatorOptions } from "../index.ts";

const BODY = { model: "m", messages: [{ role: "user", content: "The sea is blue." }] };
const line = (key: string, more: object = {}): string =>
  JSON.stringify({ custom_id: key, method: "POST", url: "/v1/chat/completions", body: BODY, ...more });
const FOUR = ["a", "b", "c", "d"].map((key) => line(key)).join("\n");

async function send(
  { baseUrl, apiKey }: Simulator,
  path: string,
  init: Omit<RequestInit, "headers"> = {},
): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const response = await fetch(`${baseUrl}${path}`, { ...init, headers });
  const text = await response.text();
  const body = text.startsWith("{") && !text.trim().includes("\n") ? JSON.parse(text) : {};
  return { status: response.status, body, text };
}

function upload(simulator: Simulator, content: string, name = "in.jsonl", purpose = "batch") {
  const form = new FormData();
  form.set("purpose", purpose);
  form.set("file", new Blob([content]), name);
  return send(simulator, "/files", { method: "POST", body: form });
}

async function make(simulator: Simulator, content = FOUR): Promise<string> {
  const file = await upload(simulator, content);
  const made = await create(simulator, String(file.body["id"]));
  return String(made.body["id"]);
}

function create(simulator: Simulator, input_file_id: string, more: object = {}) {
  const body = { input_file_id, endpoint: "/v1/chat/completions", completion_window: "24h", ...more };
  return send(simulator, "/batches", { method: "POST", body: JSON.stringify(body) });
}

async function get(simulator: Simulator, id: string): Promise<Record<string, unknown>> {
  return (await send(simulator, `/batches/${id}`)).body;
}

async function linesOf(simulator: Simulator, id: unknown): Promise<{ custom_id: string }[]> {
  const { text } = await send(simulator, `/files/${String(id)}/content`);
  return text
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each));
}

const withBatches = (batch: BatchOptions, more: SimulatorOptions = {}) => start({ ...more, batch });

describe("batches of the simulator", () => {
  it("a job goes through its states by the clock that is put forward", async () => {
    const simulator = await withBatches({ validateMs: 1e6, msPerRequest: 1e6, finalizeMs: 1e6 });
    const id = await make(simulator);
    const states: unknown[] = [];
    for (let step = 0; step < 7; step++) {
      const { status, request_counts } = await get(simulator, id);
      states.push([status, (request_counts as { completed: number }).completed]);
      simulator.advance(1e6);
    }
    expect(states).toEqual([
      ["validating", 0],
      ["in_progress", 0],
      ["in_progress", 1],
      ["in_progress", 2],
      ["in_progress", 3],
      ["finalizing", 4],
      ["completed", 4],
    ]);
  });

  it("results come in another order unless it is told, and are the same again", async () => {
    const content = Array.from({ length: 30 }, (_, row) => line(`row-${row}`)).join("\n");
    const keys = Array.from({ length: 30 }, (_, row) => `row-${row}`);
    for (const [order, expected] of [
      ["input", keys],
      ["reversed", keys.toReversed()],
    ] as const) {
      const simulator = await withBatches({ order });
      const { output_file_id } = await get(simulator, await make(simulator, content));
      expect((await linesOf(simulator, output_file_id)).map(({ custom_id }) => custom_id)).toEqual(expected);
    }
    const simulator = await start();
    const { output_file_id } = await get(simulator, await make(simulator, content));
    const shuffled = (await linesOf(simulator, output_file_id)).map(({ custom_id }) => custom_id);
    expect(shuffled).not.toEqual(keys);
    expect(shuffled.toSorted()).toEqual(keys.toSorted());
  });

  it.each<[string, string, object]>([
    ["no JSON", `${line("a")}\n{"custom_id"`, { code: "invalid_json_line", line: 2 }],
    ["a blank line", `${line("a")}\n\n${line("b")}`, { code: "invalid_json_line", line: 2 }],
    ["the same key twice", `${line("a")}\n${line("a")}`, { code: "duplicate_custom_id", line: 2 }],
    ["no key", line("a", { custom_id: undefined }), { code: "missing_required_parameter", line: 1 }],
    ["another operation", line("a", { url: "/v1/responses" }), { code: "mismatched_url", line: 1 }],
    [
      "another model",
      `${line("a")}\n${line("b", { body: { ...BODY, model: "n" } })}`,
      { code: "mismatched_model", line: 2 },
    ],
    ["a stream", line("a", { body: { ...BODY, stream: true } }), { code: "invalid_request", line: 1 }],
  ])("a file with %s is taken, and its job fails when it is checked", async (_, content, error) => {
    const simulator = await start();
    expect(await get(simulator, await make(simulator, content))).toMatchObject({
      status: "failed",
      errors: { data: [error] },
      output_file_id: null,
      error_file_id: null,
    });
    expect(simulator.batches.runs).toEqual([]);
  });

  it("a request of a job that is not right is an error in its results, and runs no other", async () => {
    const simulator = await start({ models: ["m"] });
    const bad = line("bad", { body: { ...BODY, temperature: 3 } });
    const job = await get(simulator, await make(simulator, `${line("a")}\n${bad}`));
    expect(job).toMatchObject({ status: "completed", request_counts: { completed: 1, failed: 1 } });
    expect(await linesOf(simulator, job["error_file_id"])).toMatchObject([
      { custom_id: "bad", response: { status_code: 400, body: { error: { param: "temperature" } } } },
    ]);
  });

  it.each<[string, string, string, number]>([
    ["another name", "in.json", "batch", 400],
    ["another purpose", "in.jsonl", "fine-tune", 400],
  ])("an upload with %s is refused", async (_, name, purpose, status) => {
    expect(await upload(await start(), FOUR, name, purpose)).toMatchObject({ status });
  });

  it("files, jobs and requests have the limits that are set", async () => {
    const big = await withBatches({ maxBytes: 100 });
    expect(await upload(big, FOUR)).toMatchObject({ status: 413 });
    const many = await withBatches({ maxFiles: 1 });
    await upload(many, FOUR);
    expect(await upload(many, FOUR)).toMatchObject({ status: 400 });
    const few = await withBatches({ maxRequests: 3 });
    expect(await get(few, await make(few))).toMatchObject({ errors: { data: [{ code: "too_many_tasks" }] } });
    const seldom = await withBatches({ createsPerHour: 1 });
    const file = String((await upload(seldom, FOUR)).body["id"]);
    expect(await create(seldom, file)).toMatchObject({ status: 200 });
    expect(await create(seldom, file)).toMatchObject({ status: 429 });
    seldom.advance(3_600_000);
    expect(await create(seldom, file)).toMatchObject({ status: 200 });
    const queue = await withBatches({ queuedRequests: 5, runMs: 1e6 });
    const input = String((await upload(queue, FOUR)).body["id"]);
    expect(await create(queue, input)).toMatchObject({ status: 200 });
    expect(await create(queue, input)).toMatchObject({ status: 429 });
  });

  it("a job is missing in lists for a while, and its results are told later and gone in the end", async () => {
    const simulator = await withBatches({ listLagMs: 1e6, outputLagMs: 2e6, retentionMs: 9e6 });
    const id = await make(simulator);
    expect(await send(simulator, "/batches")).toMatchObject({ body: { data: [] } });
    simulator.advance(1e6);
    expect(await send(simulator, "/batches")).toMatchObject({ body: { data: [{ id }] } });
    expect(await get(simulator, id)).toMatchObject({ status: "completed", output_file_id: null });
    simulator.advance(1e6);
    const { output_file_id } = await get(simulator, id);
    expect(await linesOf(simulator, output_file_id)).toHaveLength(4);
    simulator.advance(9e6);
    expect(await send(simulator, `/files/${String(output_file_id)}/content`)).toMatchObject({ status: 404 });
  });

  it("a job that is stuck stays so until it is cancelled, and then has both files", async () => {
    const simulator = await withBatches({ runMs: 1000, faults: [{ kind: "stuckIn", state: "running" }] });
    const id = await make(simulator);
    simulator.advance(1e9);
    expect(await get(simulator, id)).toMatchObject({ status: "in_progress" });
    await send(simulator, `/batches/${id}/cancel`, { method: "POST" });
    const { status, output_file_id, error_file_id } = await get(simulator, id);
    expect(status).toBe("cancelled");
    expect(await linesOf(simulator, output_file_id)).toHaveLength(2);
    expect(await linesOf(simulator, error_file_id)).toHaveLength(2);
  });

  it("a job may go on answering while it is being cancelled", async () => {
    const options = { runMs: 4e6, cancelMs: 2e6 };
    const counts: number[] = [];
    for (const faults of [[], [{ kind: "lateAfterCancel" } as const]]) {
      const simulator = await withBatches({ ...options, faults });
      const id = await make(simulator);
      simulator.advance(1.5e6);
      await send(simulator, `/batches/${id}/cancel`, { method: "POST" });
      expect(await get(simulator, id)).toMatchObject({ status: "cancelling" });
      simulator.advance(2e6);
      const { output_file_id } = await get(simulator, id);
      counts.push((await linesOf(simulator, output_file_id)).length);
    }
    expect(counts[1]).toBeGreaterThan(counts[0] ?? 4);
  });

  it("counts that lie, status 0, and a job that names no results", async () => {
    const simulator = await withBatches({
      faults: [
        [{ kind: "countsLie" }, { kind: "statusZero", rate: 1 }],
        { kind: "allFailedNoOutput" },
        { kind: "fileGone" },
      ],
    });
    const lying = await get(simulator, await make(simulator));
    expect(lying).toMatchObject({ request_counts: { completed: 4, failed: 0 }, output_file_id: null });
    expect(await linesOf(simulator, lying["error_file_id"])).toMatchObject(
      Array.from({ length: 4 }, () => ({ response: { status_code: 0 }, error: null })),
    );
    const silent = await get(simulator, await make(simulator));
    expect(silent).toMatchObject({ status: "completed", output_file_id: null, error_file_id: null });
    const gone = await get(simulator, await make(simulator));
    expect(gone).toMatchObject({ status: "failed", errors: { data: [{ code: "file_not_found" }] } });
  });

  it.each([undefined, 502])(
    "a request whose answer is lost (status %s) is carried out all the same",
    async (status) => {
      const fault = { kind: "answerLost", ...(status === undefined ? {} : { status }) } as const;
      const simulator = await start({ faults: [undefined, fault] });
      const { body } = await upload(simulator, FOUR);
      const answer = await create(simulator, String(body["id"])).catch(() => undefined);
      expect(answer?.status).toBe(status);
      expect(simulator.batches.jobs).toHaveLength(1);
    },
  );

  it("reset forgets files, jobs and what ran", async () => {
    const simulator = await start();
    await get(simulator, await make(simulator));
    expect(simulator.batches).toMatchObject({
      jobs: [{ number: 1, state: "completed" }],
      runs: { length: 4 },
    });
    simulator.reset();
    expect(simulator.batches).toEqual({ jobs: [], files: [], runs: [] });
  });

  it("a wrong key and a number out of range are refused", async () => {
    const simulator = await start();
    expect(await send({ ...simulator, apiKey: "wrong" }, "/batches")).toMatchObject({ status: 401 });
    await expect(withBatches({ runMs: -1 })).rejects.toThrow("batch.runMs must be at least 0");
  });

  it("requests of jobs that the account cannot pay for have an error, and no further job is made", async () => {
    const simulator = await withBatches({ credit: 3, order: "input" });
    const job = await get(simulator, await make(simulator));
    expect(job).toMatchObject({ status: "completed", request_counts: { completed: 3, failed: 1 } });
    expect(await linesOf(simulator, job["error_file_id"])).toMatchObject([
      { custom_id: "d", response: { status_code: 429, body: { error: { code: "insufficient_quota" } } } },
    ]);
    const file = await upload(simulator, FOUR);
    expect(await create(simulator, String(file.body["id"]))).toMatchObject({ status: 429 });
    expect(simulator.batches.runs).toHaveLength(3);
  });

  it("jobs and files of one project are not there for the key of another", async () => {
    const simulator = await withBatches({ otherKeys: ["other-key"] });
    const other: Simulator = { ...simulator, apiKey: "other-key" };
    const id = await make(simulator);
    const file = simulator.batches.files[0]?.id ?? "";
    expect((await send(other, `/batches/${id}`)).status).toBe(404);
    expect((await send(other, `/files/${file}/content`)).status).toBe(404);
    expect((await send(other, "/batches")).body).toMatchObject({ data: [] });
    expect((await create(other, file)).status).toBe(400);
    expect((await send({ ...simulator, apiKey: "wrong" }, `/batches/${id}`)).status).toBe(401);
    const own = await make(other);
    expect((await send(other, "/batches")).body).toMatchObject({ data: [{ id: own }] });
    expect((await send(simulator, "/batches")).body).toMatchObject({ data: [{ id }] });
  });
});
