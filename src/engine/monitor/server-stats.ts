/** What a serving role and each of its connections have done (`ServerStats`, `BufferStats`, statistics of `ServerCnxn`). */
import type { Zxid } from '../../protocol/zxid.ts';
import type { ServerMetrics } from './server-metrics.ts';
import { Summary } from './summary.ts';

/** Sizes in bytes; −1 before the first. */
export class BufferStats {
  #last = -1;
  #min = -1;
  #max = -1;

  get last(): number {
    return this.#last;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  add(size: number): void {
    this.#last = size;
    this.#min = this.#min === -1 ? size : Math.min(this.#min, size);
    this.#max = Math.max(this.#max, size);
  }

  reset(): void {
    this.#last = this.#min = this.#max = -1;
  }
}

/** Begins anew with each serving role, as the real server makes a `ZooKeeperServer` for each. */
export class ServerStats {
  readonly clientResponses = new BufferStats();
  readonly latency = new Summary();
  packetsReceived = 0;
  packetsSent = 0;
  authFailed = 0;
  /** Requests of clients here that are not answered yet (`requestsInProcess`). */
  inProcess = 0;
  readonly #metrics: ServerMetrics;
  readonly #startTime: number;

  /** @param startTime whole ms of the process's clock */
  constructor(metrics: ServerMetrics, startTime: number) {
    this.#metrics = metrics;
    this.#startTime = startTime;
  }

  /** ms, at instant `elapsed`. */
  uptime(elapsed: number): number {
    return elapsed - this.#startTime;
  }

  /** A request that came through this server is answered. */
  updateLatency(ms: number, isWrite: boolean): void {
    this.latency.add(ms);
    this.#metrics.add(isWrite ? 'updatelatency' : 'readlatency', ms);
  }

  /** `srst`, with all metrics of the process. */
  reset(): void {
    this.latency.reset();
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.clientResponses.reset();
    this.#metrics.reset();
  }
}

/** Of one connection. */
export class CnxnStats {
  packetsReceived = 0;
  packetsSent = 0;
  /** Its requests that are not answered yet. */
  outstanding = 0;
  lastOperation = 'NA';
  lastCxid = -1;
  lastZxid = -1;
  /** Whole ms of the process's clock. */
  lastResponseTime = 0;
  lastLatency = 0;
  maxLatency = 0;
  #minLatency = Infinity;
  #count = 0;
  #totalLatency = 0;

  get minLatency(): number {
    return this.#minLatency === Infinity ? 0 : this.#minLatency;
  }

  get avgLatency(): number {
    return this.#count === 0 ? 0 : Math.floor(this.#totalLatency / this.#count);
  }

  /** `updateStatsForResponse` */
  answered(request: { readonly cxid: number; readonly zxid: Zxid; readonly operation: string }, times: Times): void {
    // Pings and the like have negative numbers.
    if (request.cxid >= 0) this.lastCxid = request.cxid;
    this.lastZxid = request.zxid;
    this.lastOperation = request.operation;
    const elapsed = times.end - times.start;
    this.lastResponseTime = times.end;
    this.lastLatency = elapsed;
    this.#minLatency = Math.min(this.#minLatency, elapsed);
    this.maxLatency = Math.max(this.maxLatency, elapsed);
    this.#count++;
    this.#totalLatency += elapsed;
  }

  /** `crst` */
  reset(): void {
    this.packetsReceived = this.packetsSent = 0;
    this.lastOperation = 'NA';
    this.lastCxid = this.lastZxid = -1;
    this.lastResponseTime = this.lastLatency = this.maxLatency = 0;
    this.#minLatency = Infinity;
    this.#count = this.#totalLatency = 0;
  }
}

interface Times {
  readonly start: number;
  readonly end: number;
}
