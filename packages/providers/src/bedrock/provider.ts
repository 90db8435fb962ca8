import { httpProvider } from "../http-provider.ts";
import { bedrockBodyWriter } from "./request-body.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import { type OptionCheck, aText, ParrotError } from "@parallel-parrot/core";
import { readAwsCredentials, sigV4, type AwsCredentials } from "./aws-credentials.ts";
import { AWS_LIBRARY, defaultAwsCredentials } from "./default-credentials.ts";
import { takesCachePoints } from "./mark.ts";
import { claudePromptCache } from "../anthropic/prompt-cache.ts";
import { readBedrockAnswer } from "./response.ts";
import { bedrockCharges } from "./charges.ts";
import { type BaseUrl, readBaseUrl } from "../request/base-url.ts";
import { findPrice } from "../pricing/find-price.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { fromEnvironment, missingKeyOrLibrary, readKey } from "../request/credentials.ts";

/** Options of {@linkcode bedrock}. `apiKey` is a Bedrock API key, and `baseUrl` a custom endpoint. */
export interface BedrockOptions extends ProviderOptions {
  /** @default the region in the host of `baseUrl`, else the environment variable AWS_REGION, else AWS_DEFAULT_REGION */
  readonly region?: string;
  /**
   * Credentials to sign with if there is no API key, or a function that returns them and is called for each request,
   * such as those of `@aws-sdk/credential-providers`.
   * @default the environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; else what
   * `@aws-sdk/credential-provider-node` finds, if it is installed: profiles, roles, single sign-on
   */
  readonly credentials?: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>);
}

/** The message does not show the value, which may be a secret. */
const someCredentials: OptionCheck = {
  problemOf: (value, option) =>
    typeof value === "function" || (typeof value === "object" && value !== null && "accessKeyId" in value)
      ? undefined
      : {
          option,
          message: "expected { accessKeyId, secretAccessKey, sessionToken? } or a function that gives them",
        },
};

const KEY_VARIABLE = "AWS_BEARER_TOKEN_BEDROCK";

/** What is known of {@linkcode bedrock} before it is made. */
export const BEDROCK: ProviderInfo = {
  name: "bedrock",
  displayName: "Amazon Bedrock",
  keyVariables: [KEY_VARIABLE, "AWS_ACCESS_KEY_ID"],
  needsKey: true,
  placeVariables: ["AWS_REGION"],
  baseUrlVariables: ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"],
  // AWS's library reads the name of a profile.
  otherVariables: ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_PROFILE"],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: ["data"],
    limits: "none",
    params: ["temperature", "topP", "maxTokens", "stop", "reasoningEffort"],
  },
};

/**
 * Amazon Bedrock's Converse API. Requests carry an API key or are signed with AWS credentials.
 *
 * Set `maxTokens`: the service reserves as many tokens of its quota for every request, and the model's maximum if it is
 * not set.
 *
 * @throws ParrotError `MISSING_KEY` without a key and without credentials, `INVALID_OPTION` without a region
 */
export function bedrock(options: BedrockOptions): Provider {
  checkProviderOptions<BedrockOptions>("bedrock", options, { region: aText, credentials: someCredentials });
  const { model } = options;
  const address = givenAddress(options);
  const region = regionOf(options, address);
  const baseUrl = address?.url ?? regionUrl(region);
  const price = findPrice(BEDROCK.name, model);
  return httpProvider({
    info: BEDROCK,
    options,
    baseUrl,
    address,
    notes: otherModelNote(address, model),
    url: `${baseUrl}/model/${encodeURIComponent(model)}/converse`,
    credentials: credentialsOf(options, region),
    price: isPriced(options, region, baseUrl) ? price : undefined,
    promptCache: takesCachePoints(model) ? claudePromptCache(model, isOfAws(baseUrl)) : undefined,
    writeBody: bedrockBodyWriter(BEDROCK, options),
    readAnswer: (response, amendments) => readBedrockAnswer(response, amendments, model),
    charges: bedrockCharges(model, price),
  });
}

function credentialsOf(options: BedrockOptions, region: string): Credentials {
  const given = options.credentials;
  // Credentials among the options have precedence over a key in the environment.
  const key = given === undefined ? readKey(options.apiKey, KEY_VARIABLE) : readKey(options.apiKey);
  if (key !== "") return keyCredentials(key);
  const known = given ?? readAwsCredentials();
  const found = known === undefined ? defaultAwsCredentials() : undefined;
  const credentials = known ?? found?.get;
  if (credentials === undefined) {
    throw missingKeyOrLibrary(BEDROCK.displayName, BEDROCK.keyVariables, {
      library: AWS_LIBRARY,
      what: "profiles, roles and single sign-on",
    });
  }
  if (region === "") throw missingRegion();
  const signed = sigV4(credentials, { service: "bedrock", region });
  return found === undefined ? signed : { ...signed, refused: found.renew };
}

/** The region of AWS's host is the one that requests to it are signed for. */
function regionOf({ region }: BedrockOptions, address: BaseUrl | undefined): string {
  const host = address === undefined ? "" : new URL(address.url).hostname;
  const ofHost = /\bbedrock-runtime(?:-fips)?\.([a-z\d-]+)\.(?:vpce\.)?amazonaws\.com/.exec(host)?.[1];
  return region ?? ofHost ?? (process.env["AWS_REGION"] || process.env["AWS_DEFAULT_REGION"] || "");
}

/** A pasted address names a model, and so does the option `model`. */
function otherModelNote(address: BaseUrl | undefined, model: string): readonly string[] {
  const named = /\/model\/([^/]+)\//.exec(address?.given ?? "")?.[1]?.replaceAll("%3A", ":");
  if (named === undefined || named === model) return [];
  return [`The base URL names the model ${named}, but the model ${model} is asked`];
}

const OPERATIONS = /\/model\/[^/]+\/(?:converse|invoke)(?:-stream|-with-response-stream)?$/;

function givenAddress({ baseUrl }: BedrockOptions): BaseUrl | undefined {
  const given = baseUrl ?? fromEnvironment(BEDROCK.baseUrlVariables);
  return given === undefined ? undefined : readBaseUrl(given, OPERATIONS);
}

function regionUrl(region: string): string {
  if (region === "") throw missingRegion();
  if (!/^[a-z0-9-]+$/.test(region))
    throw new ParrotError("INVALID_OPTION", `Cannot use "${region}" as an AWS region`, { option: "region" });
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

function missingRegion(): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    "Cannot use Amazon Bedrock without a region; set the environment variable AWS_REGION (that of a profile is not read), or in code the option region",
    { option: "region" },
  );
}

/** The price list has the prices of the standard tier in us-east-1 and of global inference profiles. */
function isPriced({ model, extraBody }: BedrockOptions, region: string, baseUrl: string): boolean {
  const isListed = region === "us-east-1" || model.startsWith("global.");
  return isOfAws(baseUrl) && isListed && extraBody?.["serviceTier"] === undefined;
}

function isOfAws(baseUrl: string): boolean {
  return /\.amazonaws\.com(?:\.cn)?$/.test(new URL(baseUrl).hostname);
}
