import { flag } from "../flag.ts";
import { POSITIVE, SHARE, TEXT, TEXTS, WHOLE } from "../kinds/kind.ts";

/** Options of `parrot simulate`. */
export const SIMULATE_FLAGS = {
  port: flag({
    flag: "--port <port>",
    kind: WHOLE,
    default: 8765,
    help: "port on 127.0.0.1; 0 takes a free one",
    libraryNames: [],
  }),
  key: flag({
    flag: "--key <key>",
    kind: TEXT,
    default: "sim-key",
    help: "key that requests must carry; a made-up one, not a real one",
    libraryNames: [],
  }),
  rpm: flag({
    flag: "--rpm <count>",
    kind: POSITIVE,
    default: undefined,
    help: "requests a minute to allow",
    libraryNames: [],
  }),
  tpm: flag({
    flag: "--tpm <count>",
    kind: POSITIVE,
    default: undefined,
    help: "tokens a minute to allow",
    libraryNames: [],
  }),
  latency: flag({
    flag: "--latency <ms>",
    kind: POSITIVE,
    default: 800,
    help: "median time of an answer",
    libraryNames: [],
  }),
  errorRate: flag({
    flag: "--error-rate <share>",
    kind: SHARE,
    default: 0,
    help: "share of requests to fail with status 500, such as 0.05",
    libraryNames: [],
  }),
  failRate: flag({
    flag: "--fail-rate <share>",
    kind: SHARE,
    default: 0,
    help: "share of requests to refuse for good with status 400, the same ones each time",
    libraryNames: [],
  }),
  failText: flag({
    flag: "--fail-text <text>",
    kind: TEXTS,
    default: [],
    help: "refuse every request with this text in it for good; may be repeated",
    libraryNames: [],
  }),
};
