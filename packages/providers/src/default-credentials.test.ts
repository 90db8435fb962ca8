// @module-tag slow
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { QUESTION } from "../fixtures/responses.ts";
import { bedrock, vertex, type Provider } from "./index.ts";

const VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_BEARER_TOKEN_BEDROCK",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "GOOGLE_OAUTH_ACCESS_TOKEN",
  "CLOUDSDK_AUTH_ACCESS_TOKEN",
  "GOOGLE_APPLICATION_CREDENTIALS",
];

/** What stands for the services of the clouds: a container's credentials, an instance's metadata, a token exchange. */
let server: Server;
let folder: string;
/** How often credentials were given out. */
let given: number;
/** How long those that are given out hold. */
let lifeMs: number;

function serve({ method, url = "" }: IncomingMessage, response: ServerResponse): void {
  const json = (body: object): void =>
    void response
      .writeHead(200, { "content-type": "application/json", "metadata-flavor": "Google" })
      .end(JSON.stringify(body));
  const aws = (): void => {
    given += 1;
    json({
      Code: "Success",
      AccessKeyId: `AKID${given}`,
      SecretAccessKey: "canary-secret",
      Token: "session",
      Expiration: new Date(Date.now() + lifeMs).toISOString(),
    });
  };
  const google = (): void => {
    given += 1;
    json({ access_token: `token-${given}`, expires_in: lifeMs / 1000, token_type: "Bearer" });
  };
  if (url === "/container" || url.endsWith("/security-credentials/my-role")) aws();
  else if (url.includes("/service-accounts/default/token") || url.startsWith("/sts")) google();
  else if (method === "PUT" && url === "/latest/api/token") response.writeHead(200).end("imds-token");
  else if (url.endsWith("/security-credentials/")) response.writeHead(200).end("my-role");
  else if (url.includes("computeMetadata")) json({});
  else response.writeHead(404).end();
}

const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-credentials-"));
  server = createServer(
    (request, response) => void request.resume().once("end", () => serve(request, response)),
  );
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  given = 0;
  lifeMs = 3_600_000;
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(() => void vi.unstubAllEnvs());

async function authorizationOf(provider: Provider): Promise<string> {
  const { authorization = "" } = await provider.authorize(provider.buildRequest(QUESTION, new Set()));
  return /Credential=(\w+)/.exec(authorization)?.[1] ?? authorization;
}

function refuse(provider: Provider): void {
  const headers = { "x-amzn-errortype": "ExpiredTokenException" };
  const body = '{"message":"The security token included in the request is expired"}';
  expect(provider.readResponse({ status: 401, headers, body }, new Set())).toMatchObject({
    rejection: { code: "AUTHENTICATION" },
  });
}

describe("the credentials of AWS without variables", () => {
  const make = (): Provider => bedrock({ model: "m", region: "us-east-1", baseUrl: "http://127.0.0.1:9" });

  it("the credentials of AWS without variables are those of the profile in the shared files", async () => {
    await writeFile(
      join(folder, "credentials"),
      "[team]\naws_access_key_id = AKIDTEAM\naws_secret_access_key = canary-secret\n",
    );
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
    vi.stubEnv("AWS_PROFILE", "team");
    expect(await authorizationOf(make())).toBe("AKIDTEAM");
  });

  it("the credentials of AWS without variables are what the credential_process of a profile prints", async () => {
    const printed = JSON.stringify({
      Version: 1,
      AccessKeyId: "AKIDPROCESS",
      SecretAccessKey: "canary-secret",
    });
    await writeFile(join(folder, "print.mjs"), `console.log(${JSON.stringify(printed)});`);
    const process_ = `"${process.execPath}" "${join(folder, "print.mjs")}"`;
    await writeFile(join(folder, "config"), `[profile program]\ncredential_process = ${process_}\n`);
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
    vi.stubEnv("AWS_PROFILE", "program");
    expect(await authorizationOf(make())).toBe("AKIDPROCESS");
  });

  it("the credentials of AWS without variables are those of the container, got once while they hold, and anew after a refusal", async () => {
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://${address()}/container`);
    const provider = make();
    expect(await authorizationOf(provider)).toBe("AKID1");
    expect(await authorizationOf(provider)).toBe("AKID1");
    refuse(provider);
    expect(await authorizationOf(provider)).toBe("AKID2");
    expect(given).toBe(2);
  });

  it("the credentials of AWS without variables are renewed before they expire", async () => {
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://${address()}/container`);
    // Less than is left of credentials when AWS's library renews them.
    lifeMs = 60_000;
    const provider = make();
    await authorizationOf(provider);
    await authorizationOf(provider);
    await vi.waitFor(() => expect(given).toBeGreaterThan(1));
  });

  it("credentials of AWS that cannot be found anew in mid-run are a fault that may pass, and no end of the run", async () => {
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://${address()}/container`);
    const provider = make();
    expect(await authorizationOf(provider)).toBe("AKID1");
    refuse(provider);
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://${address()}/nowhere`);
    await expect(authorizationOf(provider)).rejects.toEqual(expect.objectContaining({ name: "Error" }));
  });

  it("the credentials of AWS without variables are those of the instance's role", async () => {
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "false");
    vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", `http://${address()}`);
    expect(await authorizationOf(make())).toBe("AKID1");
  });

  it("credentials of AWS that cannot be found are an error of the run before anything is sent", async () => {
    const error = expect.objectContaining({ code: "MISSING_KEY" });
    await expect(authorizationOf(make())).rejects.toEqual(error);
    await expect(authorizationOf(make())).rejects.toThrow(/Cannot find credentials for Amazon Bedrock/);
  });
});

describe("the application default credentials of Google", () => {
  const make = (): Provider => vertex({ model: "m", project: "p", baseUrl: "http://127.0.0.1:9" });

  it("the application default credentials of Google are those of the service account of the machine, and got anew after a refusal", async () => {
    vi.stubEnv("GCE_METADATA_HOST", address());
    vi.stubEnv("HOME", folder);
    vi.stubEnv("CLOUDSDK_CONFIG", folder);
    const provider = make();
    expect(await authorizationOf(provider)).toBe("Bearer token-1");
    expect(await authorizationOf(provider)).toBe("Bearer token-1");
    refuse(provider);
    expect(await authorizationOf(provider)).toBe("Bearer token-2");
  });

  it("the application default credentials of Google are those of the file that the environment names", async () => {
    await writeFile(join(folder, "subject"), "subject-token");
    await writeFile(
      join(folder, "workload.json"),
      JSON.stringify({
        type: "external_account",
        audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: `http://${address()}/sts`,
        credential_source: { file: join(folder, "subject") },
      }),
    );
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(folder, "workload.json"));
    expect(await authorizationOf(make())).toBe("Bearer token-1");
  });

  it("application default credentials of Google that cannot be read are an error of the run before anything is sent", async () => {
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(folder, "no-such-file.json"));
    await expect(authorizationOf(make())).rejects.toThrow(
      /Cannot get a token for Google Vertex AI: .*no-such-file/,
    );
  });
});

describe("a package without the libraries of the vendors", () => {
  it("a provider without the vendor's library says how to install it where there is no key", async () => {
    const packages = fileURLToPath(new URL("../..", import.meta.url));
    const modules = join(folder, "node_modules");
    for (const name of ["core", "limiter", "providers"]) {
      const place = join(modules, "@parallel-parrot", name);
      await mkdir(place, { recursive: true });
      await cp(join(packages, name, "dist"), join(place, "dist"), { recursive: true });
      await cp(join(packages, name, "package.json"), join(place, "package.json"));
    }
    for (const name of ["aws4fetch", "eventsource-parser"]) {
      const found = join(packages, "providers", "node_modules", name);
      await cp(found, join(modules, name), { recursive: true, dereference: true });
    }
    await writeFile(
      join(folder, "ask.mjs"),
      `import { bedrock, vertex } from "@parallel-parrot/providers";
       for (const make of [() => bedrock({ model: "m", region: "us-east-1" }), () => vertex({ model: "m", project: "p" })])
         try { make(); } catch (error) { console.log(error.code, error.message); }`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "ask.mjs")], { env: {} });
    expect(stdout.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^MISSING_KEY .*AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID.*npm install @aws-sdk\/credential-provider-node$/,
      ),
      expect.stringMatching(/^MISSING_KEY .*GOOGLE_OAUTH_ACCESS_TOKEN.*npm install google-auth-library$/),
    ]);
  });
});
