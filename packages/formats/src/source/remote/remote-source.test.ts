import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startObjectStore, type ObjectStore } from "../../../fixtures/object-store.ts";
import { openSource, parquetSource, type InputDigest } from "../../index.ts";
import { refusalOf } from "./redirect-check.ts";

const ROWS = 36_000;
/** 540 kB: two parts. */
const LINES = Buffer.from(
  `id,text\n${Array.from({ length: ROWS }, (_, id) => `${id},row ${id}\n`).join("")}`,
);
const SIGNATURE = "X-Amz-Signature=0123456789abcdef&X-Amz-Credential=AKIAEXAMPLE";

let store: ObjectStore;
beforeEach(async () => {
  store = await startObjectStore();
  store.files.set("rows.csv", LINES);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store[Symbol.asyncDispose]();
});

/** How many rows there are, all in their order. */
async function countRows(name: string): Promise<number> {
  let count = 0;
  for await (const row of openSource(store.url(name))) {
    if (row["id"] !== String(count)) throw new Error(`Row ${count} has the id ${String(row["id"])}`);
    count += 1;
  }
  return count;
}

async function errorOf(input: string): Promise<unknown> {
  return Array.fromAsync(openSource(input)).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("a source of a web address", () => {
  it("rows are read in parts, and the digest is that of the file", async () => {
    let digest: InputDigest | undefined;
    const source = openSource(new URL(store.url("rows.csv")), { onDigest: (told) => (digest = told) });
    expect(await source.columns()).toEqual(["id", "text"]);
    expect(store.asked).toEqual(["bytes=0-262143"]);
    expect(await Array.fromAsync(source)).toHaveLength(ROWS);
    expect(store.asked.length).toBeGreaterThan(1);
    expect(digest).toEqual({ bytes: LINES.length, sha256: createHash("sha256").update(LINES).digest("hex") });
    expect(source.placeOf(1)).toEqual({ input: 0, file: store.url("rows.csv"), row: 1, line: 3 });
  });

  it.each([
    ["parts", {}],
    ["parts and a weak ETag", { weak: true }],
    ["whole files", { ranges: false }],
    ["whole files of unknown length", { ranges: false, lengths: false }],
  ])("a server of %s whose connections are cut again and again gives each row once", async (_, behaviour) => {
    Object.assign(store, behaviour, { cuts: [100_000, 7, 250_000, 300_001] });
    expect(await countRows("rows.csv")).toBe(ROWS);
  });

  it.each([
    [503, {}],
    [429, { "retry-after": "0" }],
    [500, {}],
  ])("a request that is answered with HTTP %i is sent again", async (status, headers) => {
    store.refusals = [[status, headers]];
    expect(await countRows("rows.csv")).toBe(ROWS);
  });

  it("a server that refuses again and again is told with its status, and the query of the address is not", async () => {
    store.refusals = Array.from({ length: 3 }, () => [503, { "retry-after": "0" }] as const);
    const error = await errorOf(`${store.url("rows.csv")}?${SIGNATURE}`);
    expect(error).toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringMatching(
        /^Cannot read http:.*\/rows\.csv\?…: HTTP 503 from 127\.0\.0\.1:\d+; asked 3 times$/,
      ),
    });
    expect(JSON.stringify([error, String(error)])).not.toContain("0123456789");
  });

  it.each([
    ["parts", {}],
    ["parts and a weak ETag", { weak: true }],
    ["whole files", { ranges: false, cuts: [400_000] }],
  ])("a file that is changed while it is read from a server of %s ends the reading", async (_, behaviour) => {
    Object.assign(store, behaviour);
    const other = Buffer.from(LINES);
    other.write("x", LINES.length - 3);
    store.onRequest = () => {
      if (store.asked.length === 1) store.files.set("rows.csv", other);
    };
    expect(await errorOf(store.url("rows.csv"))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("the file was changed while it was read"),
    });
  });

  it.each([
    [
      403,
      "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
      "AccessDenied: the signature in its address has expired; give a new address",
    ],
    [
      403,
      `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${SIGNATURE}</StringToSign></Error>`,
      "SignatureDoesNotMatch: it may need a signed address",
    ],
    [401, "", "HTTP 401"],
  ])(
    "a refusal with HTTP %i says why, and nothing that the server repeats of the address",
    async (status, body, words) => {
      store.refusals = [[status, {}, body]];
      const error = await errorOf(`${store.url("rows.csv")}?${SIGNATURE}`);
      expect(error).toMatchObject({ code: "INPUT_UNREADABLE", message: expect.stringContaining(words) });
      expect(String(error)).not.toMatch(/0123456789|AKIA/);
    },
  );

  it("a file that is not there is told as one on the disk is", async () => {
    expect(await errorOf(store.url("missing.csv"))).toMatchObject({
      code: "INPUT_NOT_FOUND",
      file: store.url("missing.csv"),
    });
  });

  it("an empty file is told as one on the disk is", async () => {
    store.files.set("empty.csv", new Uint8Array());
    expect(await errorOf(store.url("empty.csv"))).toMatchObject({ code: "EMPTY_INPUT" });
  });

  it.each([
    ["a name that ends in .gz", "rows.csv.gz", gzipSync(LINES), {}],
    ["a name that ends in .zst", "rows.csv.zst", zstdCompressSync(LINES), {}],
    ["content-encoding", "rows.csv", gzipSync(LINES), { "content-encoding": "gzip" }],
    ["both, though it is compressed once", "rows.csv.gz", gzipSync(LINES), { "content-encoding": "gzip" }],
  ])("a file that is compressed, by %s, is unpacked", async (_, name, bytes, headers) => {
    store.files.set(name, bytes);
    store.headers = headers;
    expect(await countRows(name)).toBe(ROWS);
  });

  it("the format is told by the path of an address, whatever its query ends in", async () => {
    const source = openSource(`${store.url("rows.csv")}?name=x.json`);
    expect(await source.columns()).toEqual(["id", "text"]);
    await source.cancel();
  });

  it("an address that tells no format is told without its query", () => {
    expect(() => openSource(`${store.url("export")}?key=sesame`)).toThrow(
      expect.objectContaining({ code: "UNKNOWN_FORMAT", message: expect.not.stringContaining("sesame") }),
    );
  });

  it("a reading that is cancelled asks for nothing more", async () => {
    for await (const _ of openSource(store.url("rows.csv"))) break;
    expect(store.asked).toHaveLength(1);
  });

  it("several inputs may be addresses and files", async () => {
    const inputs = [store.url("rows.csv"), store.url("rows.csv")];
    expect(await openSource(inputs).columns()).toEqual(["id", "text"]);
    expect(await Array.fromAsync(openSource(inputs))).toHaveLength(2 * ROWS);
  });

  it.each([
    ["s3://bucket/a.csv", "aws s3 presign s3://bucket/a.csv"],
    ["gs://bucket/a.csv", "gcloud storage sign-url gs://bucket/a.csv"],
    ["ftp://host/a.csv", "only http: and https:"],
    ["https://user:hidden@host/a.csv", "an address with a user name or password in it is not used"],
    ["https://host/a.csv?…", "its query was left out"],
  ])("%s is refused with what to do", (input, words) => {
    expect(() => openSource(input)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(words) }),
    );
    expect(() => openSource(input)).not.toThrow(/hidden/);
  });
});

describe("Parquet and Arrow at a web address", () => {
  const path = fileURLToPath(new URL("../../../fixtures/all-types.parquet", import.meta.url));

  it("Parquet is read by its parts, with the rows and types of the file on the disk", async () => {
    store.files.set("a.parquet", await readFile(path));
    const [there, here] = [parquetSource(store.url("a.parquet")), parquetSource(path)];
    expect(await there.columnTypes()).toEqual(await here.columnTypes());
    expect(await Array.fromAsync(there)).toEqual(await Array.fromAsync(here));
  });

  it.each(["arrow-types.arrow", "arrow-types.arrows"])(
    "Arrow is read from a web address: %s",
    async (name) => {
      const local = fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));
      store.files.set(name, await readFile(local));
      expect(await Array.fromAsync(openSource(store.url(name)))).toEqual(
        await Array.fromAsync(openSource(local)),
      );
    },
  );

  it("Parquet on a server that gives no parts is refused with what to do", async () => {
    store.ranges = false;
    store.files.set("a.parquet", await readFile(path));
    expect(await errorOf(store.url("a.parquet"))).toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringContaining("save it as a file"),
    });
  });
});

describe("redirects of a web address", () => {
  it("a redirect is followed, and its target is asked for the other parts", async () => {
    await using moved = await startObjectStore({
      refusals: [[302, { location: `${store.url("rows.csv")}?${SIGNATURE}` }]],
    });
    expect(await Array.fromAsync(openSource(moved.url("latest.csv")))).toHaveLength(ROWS);
    expect(moved.asked).toHaveLength(1);
  });

  it("where the target of a redirect has expired, the address is asked for a new one", async () => {
    const location = store.url("rows.csv");
    await using moved = await startObjectStore({
      refusals: [
        [302, { location }],
        [302, { location }],
      ],
    });
    store.onRequest = () => {
      if (store.asked.length === 1) store.refusals = [[403]];
    };
    expect(await Array.fromAsync(openSource(moved.url("latest.csv")))).toHaveLength(ROWS);
    expect(moved.asked).toHaveLength(2);
  });

  it("a circle of redirects ends", async () => {
    store.refusals = Array.from({ length: 20 }, () => [302, { location: store.url("rows.csv") }] as const);
    expect(await errorOf(store.url("rows.csv"))).toMatchObject({
      message: expect.stringContaining("the server redirects over 5 times"),
    });
  });

  it("a server of the internet cannot have a private address asked", async () => {
    const proxy = createServer((_, response) => {
      response.writeHead(302, { location: store.url("rows.csv") }).end();
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    vi.stubEnv("http_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    try {
      expect(await errorOf("http://192.0.2.7/rows.csv")).toMatchObject({
        code: "INPUT_UNREADABLE",
        message: expect.stringContaining("an address of this machine or network, which is not followed"),
      });
      expect(store.asked).toEqual([]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it.each([
    ["https://a.example/x", "http://a.example/x", "from https: to http:"],
    ["https://a.example/x", "file:///etc/passwd", "to a file: address"],
    ["https://a.example/x", "https://inner.example/x", "an address of this machine or network"],
    ["https://a.example/x", "https://169.254.169.254/latest", "an address of this machine or network"],
    ["https://a.example/x", "https://[::1]/x", "an address of this machine or network"],
    ["https://a.example/x", "https://[::ffff:169.254.169.254]/x", "an address of this machine or network"],
    ["https://both.example/x", "https://169.254.169.254/x", "an address of this machine or network"],
    ["https://a.example/x", "https://both.example/x", "an address of this machine or network"],
  ])("a redirect from %s to %s is not followed", async (from, to, words) => {
    expect(await refusalOf(new URL(from), new URL(to), lookup)).toContain(words);
  });

  it.each([
    ["https://a.example/x", "https://b.example/x"],
    ["http://a.example/x", "https://a.example/x"],
    ["http://inner.example/x", "http://10.0.0.1/x"],
  ])("a redirect from %s to %s is followed", async (from, to) => {
    expect(await refusalOf(new URL(from), new URL(to), lookup)).toBeUndefined();
  });
});

/** Names that begin with `inner` are those of a private network, and those with `both` have two addresses. */
function lookup(host: string): Promise<string[]> {
  if (host.startsWith("both")) return Promise.resolve(["192.0.2.1", "10.1.2.3"]);
  return Promise.resolve([host.startsWith("inner") ? "10.1.2.3" : "192.0.2.1"]);
}
