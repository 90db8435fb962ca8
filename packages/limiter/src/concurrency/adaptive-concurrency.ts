import { GrowthPace } from "./growth-pace.ts";
import { ThroughputSample, gainOf, type Measurement, type Throughput } from "./throughput-sample.ts";

/** Fewest answers that a sample is judged by. */
const MIN_ANSWERS = 64;
const MAX_ANSWERS = 256;
/** Answers in a sample that is only watched for its pace. */
const WATCH_ANSWERS = 64;
/** With 10 % more in flight, throughput has to grow by at least 3 %, or the server is at its capacity. */
const GAIN = 0.3;
/** Growth of the number in flight by a smaller factor is not judged: it shows too little. */
const LEAST_GROWTH = 1.25;
/** With less in flight, this part of the throughput counts as all of it: the requests left out had only waited. */
const HELD = 0.87;
/** Factor to the least number in flight that kept the throughput, as it may have kept it by luck. */
const SPARE = 1.25;
/** When the same work takes this many times as long as usual, the cause is looked for. */
const SLOWER = 2.5;
/** Factor by which more in flight is tried, and the gain in throughput that keeps it. */
const PROBE = 1.5;
const PROBE_GAIN = 1.2;
/** A gain nearly as large as the factor: the server is far from its capacity, and growth begins again. */
const FREE_GAIN = 1.35;
/** After so many tries of more that brought nothing, half is tried again. */
const VERIFY_EVERY = 3;
/** How long a number in flight is kept before more is tried; it doubles each time that more brings nothing. */
const HOLD_MS = 20_000;
const MAX_HOLD_MS = 160_000;
/** Samples until the usual pace is known. */
const WARM_UP = 8;

/** When work takes this many times as long as usual, the first try divides by that factor and not by two. */
const MUCH_SLOWER = 4;
/** The first try leaves this many times more in flight than that division says. */
const JUMP_SPARE = 1.5;

/** Answers that come sooner than this show no overload: they wait for this process and not for the server. */
const FAST_MS = 50;
/** So many requests in flight bring thousands of such fast answers a second, so that more are of no use. */
const FAST_WINDOW = 128;

/**
 * More in flight for each answer while the number grows: twice as many after a round trip, and four times as many once
 * a round trip was no slower with more in flight.
 */
const GROWTH = 1;
const FREE_GROWTH = 3;
/** At its capacity a server takes at least this many times as long with more in flight, by Little's law. */
const LOADED = 1.2;

type Phase = "grow" | "down" | "hold" | "up" | "check";

/** Options of {@linkcode AdaptiveConcurrency}. */
export interface ConcurrencyOptions {
  readonly start: number;
  readonly max: number;
  /** Whether to look for the number in flight beyond which throughput does not grow. */
  readonly isOn: boolean;
}

/**
 * Finds how many requests in flight a server has use for, when it refuses none and only slows down. It goes by
 * throughput in work done, not by latency: long answers are much work, not slowness. Where more in flight
 * brings no more, it tries half; where half brings as much, the rest had only waited, and it stays with half.
 * Where half brings less, nothing had waited, whatever the latency was, and it goes back up.
 */
export class AdaptiveConcurrency {
  readonly #max: number;
  readonly #isOn: boolean;
  readonly #sample: ThroughputSample = new ThroughputSample();
  #window: number;
  #phase: Phase = "grow";
  /** Throughput of the previous sample, to compare with; none where there is nothing to compare. */
  #reference: Throughput | undefined;
  /** Usual milliseconds per unit of work. */
  #usual: number | undefined;
  #sampleCount = 0;
  /** Requests in flight to go back to when a try fails. */
  #fallback = 0;
  /** Requests in flight when the first try began. */
  #triedFrom = 0;
  /** Whether less than the window was tried and brought less. */
  #isVerified = false;
  /** Steps up that brought nothing. */
  #tries = 0;
  /** Whether the search began because the server seemed slow; that was wrong if less in flight brings less. */
  #isDoubted = false;
  /** Whether the search began while the number in flight was growing. */
  #isGrown = false;
  /** Whether this search has found that less in flight brings as much. */
  #hasHeld = false;
  /** Answers to wait for until the changed window is filled or drained; nothing is measured before. */
  #settling = 0;
  #holdUntil = 0;
  #holdMs: number = HOLD_MS;
  /** Rounds of growth that are not judged, after a slowdown that was none. */
  #trust = 0;
  /** Milliseconds per unit of work in the previous round of growth. */
  #pace: number | undefined;
  /** More in flight for each answer of this round. */
  #growth: number = GROWTH;
  /** Window at the start of this round of growth. */
  #roundWindow = 0;
  /** Answers of this round that came while more would have been sent. */
  #fullCount = 0;
  readonly #growthPace: GrowthPace = new GrowthPace();

  constructor({ start, max, isOn }: ConcurrencyOptions) {
    this.#window = Math.min(start, max);
    this.#max = max;
    this.#isOn = isOn;
    this.#roundWindow = this.#window;
  }

  /** Requests allowed in flight. */
  get window(): number {
    return this.#window;
  }

  /** When a request may go at the pace of growth; not after `now` where it may already. */
  readyAt(now: number): number {
    return this.#isGrowing ? this.#growthPace.readyAt(this.#window, now) : now;
  }

  /** A request is sent. */
  sent(now: number): void {
    if (this.#isGrowing) this.#growthPace.sent(this.#window, now);
  }

  /** Begins with another number in flight, unless a measurement has shown a number. */
  startWith(window: number): void {
    if (this.#phase !== "grow" || this.#sampleCount > 0) return;
    this.#window = Math.min(window, this.#max);
    this.#roundWindow = this.#window;
  }

  /** Allows the most in flight, as a limit or a refusal is known: the rate decides then. */
  open(): void {
    if (this.#phase !== "grow" || this.#window === this.#max) return;
    this.#window = this.#max;
    this.#hold();
  }

  /** An answer came. `isFull` says that more would have been sent if the window had allowed it. */
  answered(latencyMs: number, work: number, isFull: boolean, inFlight: number, now: number): void {
    // If answers come at once, more in flight brings nothing, and more would be refused together.
    const isOfUse = latencyMs >= FAST_MS || this.#window < FAST_WINDOW;
    if (this.#isGrowing && this.#settling === 0 && isFull && isOfUse)
      this.#window = Math.min(this.#max, this.#window + this.#growth);
    if (!this.#isOn) return;
    if (this.#settling > 0) {
      // Answers to requests sent before the window changed do not show what the change brings.
      if (inFlight <= this.#window) this.#settling -= 1;
      if (this.#settling === 0) this.#sample.start(now);
      return;
    }
    if (this.#sampleCount === 0 && this.#sample.count === 0) this.#sample.start(now - latencyMs);
    this.#sample.add(latencyMs, work);
    if (isFull) this.#fullCount += 1;
    if (this.#sample.count < this.#answersNeeded(inFlight)) return;
    const measured = this.#sample.measure(now);
    // The last answer of many that came together may find that nobody waits, as those who did have gone.
    const wasFull = this.#phase === "grow" ? 2 * this.#fullCount >= this.#sample.count : isFull;
    this.#fullCount = 0;
    this.#sample.start(now);
    this.#sampleCount += 1;
    if (measured.latencyMs < FAST_MS) this.#trustFast();
    else this.#judge(measured, wasFull, inFlight, now);
  }

  /** Takes back what is being tried and goes on growing. */
  #trustFast(): void {
    if (this.#phase === "down" || this.#phase === "up") this.#window = this.#fallback;
    if (this.#window >= this.#max) return this.#hold();
    this.#phase = "grow";
    this.#reference = undefined;
    this.#roundWindow = this.#window;
  }

  #answersNeeded(inFlight: number): number {
    // A whole round: where all answers take the same time they come in bursts, and a part of one shows nothing.
    if (this.#phase === "grow") return Math.max(16, this.#roundWindow);
    if (this.#phase === "hold") return WATCH_ANSWERS;
    return Math.max(MIN_ANSWERS, Math.min(inFlight, MAX_ANSWERS));
  }

  #judge(measured: Measurement, isFull: boolean, inFlight: number, now: number): void {
    switch (this.#phase) {
      case "grow":
        return this.#judgeGrowth(measured, isFull, inFlight, now);
      case "down":
        return this.#judgeDown(measured, now);
      case "up":
        return this.#judgeUp(measured, inFlight, now);
      case "check":
        return this.#judgeCheck(measured, inFlight, now);
      case "hold":
        return this.#judgeHold(measured, isFull, inFlight, now);
    }
  }

  get #isGrowing(): boolean {
    return this.#phase === "grow" && this.#window < this.#max;
  }

  #judgeGrowth(measured: Measurement, isFull: boolean, inFlight: number, now: number): void {
    this.#growthPace.measured(measured.latencyMs);
    const before = this.#reference;
    const slower = measured.pace / (this.#usual ?? measured.pace);
    if (slower > MUCH_SLOWER) return this.#tryLess(slower / JUMP_SPARE, measured.throughput, inFlight, now);
    const grown = this.#window / this.#roundWindow;
    const isAtMost = this.#window >= this.#max;
    this.#roundWindow = this.#window;
    this.#reference = isFull ? measured.throughput : undefined;
    const isJudged = isFull && before !== undefined && grown >= LEAST_GROWTH;
    const isLoaded = measured.pace > LOADED * (this.#pace ?? measured.pace);
    this.#pace = measured.pace;
    this.#growth = isJudged && !isLoaded ? FREE_GROWTH : GROWTH;
    const isFlat = isJudged && isLoaded && gainOf(measured.throughput, before) < 1 + GAIN * (grown - 1);
    if (isFlat && this.#trust === 0) return this.#tryLess(2, measured.throughput, inFlight, now);
    if (isJudged && this.#trust > 0) this.#trust -= 1;
    if (isAtMost) this.#hold();
  }

  #judgeCheck(measured: Measurement, inFlight: number, now: number): void {
    const slower = measured.pace / (this.#usual ?? measured.pace);
    if (slower < SLOWER) {
      this.#phase = "hold";
      return;
    }
    this.#tryLess(slower > MUCH_SLOWER ? slower / JUMP_SPARE : 2, measured.throughput, inFlight, now);
  }

  /** Tries a part of what is in flight now. */
  #tryLess(divisor: number, reference: Throughput, inFlight: number, now: number): void {
    this.#isDoubted = this.#phase !== "up";
    this.#isGrown = this.#phase === "grow";
    this.#phase = "down";
    this.#hasHeld = false;
    this.#reference = reference;
    this.#fallback = this.#window;
    this.#triedFrom = Math.min(this.#window, inFlight + 1);
    this.#window = Math.max(1, Math.floor(this.#triedFrom / divisor));
    this.#settle(this.#window, now);
  }

  #judgeDown({ throughput }: Measurement, now: number): void {
    const reference = this.#reference ?? throughput;
    if (gainOf(throughput, reference) >= HELD) {
      this.#hasHeld = true;
      this.#reference = {
        work: (reference.work + throughput.work) / 2,
        answers: (reference.answers + throughput.answers) / 2,
      };
      this.#fallback = this.#window;
      if (this.#window === 1) {
        this.#isVerified = true;
        return this.#holdFor(now);
      }
      this.#window = Math.max(1, Math.floor(this.#window / 2));
      return this.#settle(this.#window, now);
    }
    // The first try went below half: half has still to be tried.
    if (!this.#hasHeld && this.#window < this.#triedFrom / 2 - 1) {
      this.#window = Math.floor(this.#triedFrom / 2);
      return this.#settle(this.#window, now);
    }
    this.#window = this.#fallback;
    const isKnee = this.#hasHeld || !this.#isDoubted;
    if (this.#hasHeld) this.#window = Math.min(this.#max, Math.ceil(this.#window * SPARE));
    this.#isVerified = true;
    // Nothing had waited: the pace of now is the usual one from now on.
    if (!this.#hasHeld) this.#forgetUsual();
    if (isKnee) this.#holdFor(now);
    else this.#resume();
    this.#settle(this.#window, now);
  }

  /** Goes on growing, as nothing had waited. */
  #resume(): void {
    if (this.#window >= this.#max) return this.#hold();
    this.#phase = "grow";
    this.#trust = this.#isGrown ? 1 : 0;
    this.#reference = undefined;
    this.#roundWindow = this.#window;
  }

  #judgeHold({ throughput, pace }: Measurement, isFull: boolean, inFlight: number, now: number): void {
    const usual = this.#usual ?? pace;
    if (this.#sampleCount > WARM_UP && pace > SLOWER * usual) {
      // The change may have come in the middle of this sample, so that the next one is judged.
      this.#phase = "check";
      return this.#settle(inFlight, now);
    }
    // The first answers to come are short ones: until the usual pace is known, it only rises.
    this.#usual = this.#sampleCount <= WARM_UP ? Math.max(usual, pace) : usual + 0.1 * (pace - usual);
    if (isFull) this.#reference = throughput;
    if (isFull && this.#window < this.#max && now >= this.#holdUntil) this.#tryMore(now);
  }

  #tryMore(now: number): void {
    this.#phase = "up";
    this.#fallback = this.#window;
    this.#window = Math.min(this.#max, Math.ceil(this.#window * PROBE));
    this.#settle(this.#window, now);
  }

  #judgeUp({ throughput }: Measurement, inFlight: number, now: number): void {
    const gain = gainOf(throughput, this.#reference ?? throughput);
    if (gain >= PROBE_GAIN) {
      this.#holdMs = HOLD_MS;
      this.#isVerified = false;
      this.#reference = throughput;
      if (gain < FREE_GAIN) return this.#holdFor(now);
      this.#phase = "grow";
      this.#roundWindow = this.#window;
      return;
    }
    this.#window = this.#fallback;
    // More brings nothing. If the last gain may have been luck, it is not known whether less would do.
    if (!this.#isVerified) return this.#tryLess(2, this.#reference ?? throughput, inFlight, now);
    this.#holdMs = Math.min(MAX_HOLD_MS, this.#holdMs * 2);
    this.#tries += 1;
    if (this.#tries % VERIFY_EVERY === 0) this.#isVerified = false;
    this.#holdFor(now);
    this.#settle(this.#window, now);
  }

  #holdFor(now: number): void {
    this.#phase = "hold";
    this.#holdUntil = now + this.#holdMs;
  }

  #hold(): void {
    this.#phase = "hold";
    this.#forgetUsual();
  }

  #forgetUsual(): void {
    this.#sampleCount = 0;
    this.#usual = undefined;
  }

  /** Starts measuring anew once the window is what it should be. */
  #settle(answers: number, now: number): void {
    this.#settling = Math.max(1, Math.min(answers, MAX_ANSWERS));
    this.#sample.start(now);
  }
}
