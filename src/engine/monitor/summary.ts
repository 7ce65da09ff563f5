/**
 * What a server counts (`SimpleCounter`, `AvgMinMaxCounter`, `AvgMinMaxPercentileCounter`), and how Java prints it.
 * Values are whole numbers; only averages are not.
 */

/** A key without its prefix, and the number as it is printed. */
export type MetricLine = readonly [key: string, value: string];

/** A number in [0, 1). */
export type RandomSource = () => number;

/** As many values a percentile is taken of (`ResettableUniformReservoir`). */
const RESERVOIR_SIZE = 4096;
const PERCENTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

/** `Double.toString` of a number that is not negative. */
export function javaDouble(value: number): string {
  if (value !== 0 && (value < 1e-3 || value >= 1e7)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${withPoint(digits)}E${exponent.replace('+', '')}`;
  }
  return withPoint(String(value));
}

function withPoint(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}

/** `AvgMinMaxCounter` */
export class Summary {
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  get average(): number {
    // Four decimals, as the real server rounds.
    return this.#count === 0 ? 0 : Number((this.#sum / this.#count).toFixed(4));
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.#count === 0 ? 0 : this.#max;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  reset(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  lines(name: string): readonly MetricLine[] {
    return [
      [`avg_${name}`, javaDouble(this.average)],
      [`min_${name}`, String(this.min)],
      [`max_${name}`, String(this.max)],
      [`cnt_${name}`, String(this.#count)],
      [`sum_${name}`, String(this.#sum)],
    ];
  }
}

/** `AvgMinMaxPercentileCounter`: exact up to 4096 values, then of a random choice, drawn from the lab's seed. */
export class PercentileSummary extends Summary {
  readonly #random: RandomSource;
  #reservoir: number[] = [];

  constructor(random: RandomSource) {
    super();
    this.#random = random;
  }

  override add(value: number): void {
    super.add(value);
    if (this.#reservoir.length < RESERVOIR_SIZE) {
      this.#reservoir.push(value);
      return;
    }
    const place = Math.floor(this.#random() * this.count);
    if (place < RESERVOIR_SIZE) this.#reservoir[place] = value;
  }

  override reset(): void {
    super.reset();
    this.#reservoir = [];
  }

  override lines(name: string): readonly MetricLine[] {
    const sorted = [...this.#reservoir].sort((a, b) => a - b);
    return [
      ...super.lines(name),
      ...PERCENTILES.map(([prefix, share]): MetricLine => [
        `${prefix}_${name}`,
        String(Math.round(quantile(sorted, share))),
      ]),
    ];
  }
}

/** `UniformSnapshot.getValue` */
function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length + 1);
  const index = Math.floor(position);
  const below = sorted[index - 1];
  const above = sorted[index];
  if (below === undefined) return sorted[0] ?? 0;
  if (above === undefined) return sorted.at(-1) ?? 0;
  return below + (position - index) * (above - below);
}
