/** How benchmarks measure: contenders take turns, so that whatever else the machine does meets all of them; medians count. */

/** The value below which `share` of all values are; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Wall seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown> | void): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

/** Each contender's median over `turns`, in which all of them are asked one after the other. */
export async function interleaved<Name extends string>(
  turns: number,
  contenders: Readonly<Record<Name, (turn: number) => Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) taken.get(name)?.push(await contenders[name](turn));
  }
  return Object.fromEntries(names.map((name) => [name, median(taken.get(name) ?? [])])) as Record<Name, number>;
}

/** Three digits that count. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** For people. */
export function percent(share: number): string {
  return `${rounded(100 * share)} %`;
}
