import {
  createLimiter,
  createVirtualClock,
  type LimitSource,
  type RateLimits,
} from "@parallel-parrot/limiter";
import { createRandom } from "../../limiter/simulation/random.ts";
import { createServerWindow, type ServerKind } from "../../limiter/simulation/server-window.ts";

/** One cell of the table and how it is run. */
export interface SharedScenario {
  readonly server: ServerKind;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** Limiters that share the limits, each with as much to send as it may. */
  readonly members: number;
  /** What the first of them say the limits are, as a multiple of the real ones. */
  readonly told: number;
  readonly seconds: number;
  /** Seconds at the start that are not counted. */
  readonly skipSeconds: number;
  /** What each limiter asks for its leases, on the simulation's time. */
  readonly source: (member: number, now: () => number) => LimitSource;
}

/** What the server saw. */
export interface SharedOutcome {
  /** Part of the binding limit that was used in the counted time. */
  readonly use: number;
  /** Part of all requests that was refused. */
  readonly refused: number;
  /** Requests of each limiter that were let in. */
  readonly sent: readonly number[];
}

/** As many requests wait at each limiter. */
const WAITING = 40;

/** Several limiters send as fast as they may, on a virtual clock that stands still while a source is asked. */
export async function simulateSharedLimit(scenario: SharedScenario): Promise<SharedOutcome> {
  const { requestsPerMinute, tokensPerMinute, members, told } = scenario;
  const random = createRandom(7919);
  const clock = createVirtualClock();
  const asking: Set<Promise<unknown>> = new Set();
  const phase = random();
  const requests = createServerWindow(scenario.server, requestsPerMinute, phase);
  const tokens = createServerWindow(scenario.server, tokensPerMinute, phase);
  const limits: RateLimits = {
    requestsPerMinute: told * requestsPerMinute,
    tokensPerMinute: told * tokensPerMinute,
  };
  const skipMs = 1000 * scenario.skipSeconds;
  const sent = Array.from({ length: members }, () => 0);
  let usedRequests = 0;
  let usedTokens = 0;
  let all = 0;
  let refused = 0;

  function startMember(member: number): void {
    const source = scenario.source(member, () => clock.now());
    const limiter = createLimiter({
      clock,
      random,
      limits,
      source: {
        lease(request) {
          const lease = source.lease(request);
          const done = lease.finally(() => asking.delete(done));
          asking.add(done);
          return lease;
        },
      },
    });
    const network = (): number => 10 + 30 * random();

    async function row(): Promise<void> {
      const actual = Math.round(400 + 800 * random());
      // A guess that is too high; the answer corrects it.
      const permit = await limiter.reserve({ requests: 1, tokens: actual + 400 });
      void row();
      clock.after(network(), () => {
        const now = clock.now();
        all += 1;
        const waitMs = Math.max(requests.wait(1, now), tokens.wait(actual, now));
        if (waitMs > 0) {
          refused += 1;
          clock.after(network(), () => permit.throttle());
          return;
        }
        requests.take(1, now);
        tokens.take(actual, now);
        if (now >= skipMs) {
          usedRequests += 1;
          usedTokens += actual;
          sent[member] = (sent[member] ?? 0) + 1;
        }
        clock.after(500 + 1000 * random(), () => permit.settle({ requests: 1, tokens: actual }));
      });
    }
    for (let i = 0; i < WAITING; i++) void row();
  }

  for (let member = 0; member < members; member++)
    clock.after(50 * member * random(), () => startMember(member));
  const endMs = 1000 * scenario.seconds;
  while (clock.now() < endMs) {
    clock.advanceSync(1);
    // Those that were let go reserve again.
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    while (asking.size > 0) {
      await Promise.all(asking);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const minutes = (endMs - skipMs) / 60_000;
  return {
    use: Math.max(usedRequests / (requestsPerMinute * minutes), usedTokens / (tokensPerMinute * minutes)),
    refused: refused / all,
    sent,
  };
}
