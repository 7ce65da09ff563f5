/** Counters and summaries as Java prints them. */
import { expect, test } from 'vitest';
import { ServerMetrics, topNamespace } from '../../../src/engine/monitor/index.ts';
import { javaDouble, PercentileSummary, Summary } from '../../../src/engine/monitor/summary.ts';

test('doubles are printed as Double.toString does', () => {
  const printed = [0, 1, 0.5, 12.25, 9_999_999, 1e7, 1.25e8, 0.001, 0.00015].map(javaDouble);
  expect(printed).toEqual(['0.0', '1.0', '0.5', '12.25', '9999999.0', '1.0E7', '1.25E8', '0.001', '1.5E-4']);
});

test('an average has four decimals', () => {
  const summary = new Summary();
  for (const value of [1, 1, 0]) summary.add(value);
  expect(summary.lines('x')).toEqual([
    ['avg_x', '0.6667'],
    ['min_x', '0'],
    ['max_x', '1'],
    ['cnt_x', '3'],
    ['sum_x', '2'],
  ]);
  summary.reset();
  expect(summary.lines('x').map(([, value]) => value)).toEqual(['0.0', '0', '0', '0', '0']);
});

test('monitor.percentiles: between neighbours, rounded, of at most 4096 values', () => {
  const summary = new PercentileSummary(() => 0.5);
  const percentiles = (): unknown =>
    summary
      .lines('x')
      .slice(5)
      .map(([, value]) => Number(value));
  expect(percentiles()).toEqual([0, 0, 0, 0]);
  for (let value = 1; value <= 100; value++) summary.add(value);
  // Positions 50.5, 95.95, 99.99 and 100.899 of 100 values.
  expect(percentiles()).toEqual([51, 96, 100, 100]);
  for (let value = 101; value <= 10_000; value++) summary.add(value);
  expect(summary.max).toBe(10_000);
  expect(summary.count).toBe(10_000);
});

test('metrics keep their keys when they are set back', () => {
  const metrics = new ServerMetrics(() => 0);
  metrics.addTo('read_per_namespace', 'app', 7);
  metrics.count('snap_count');
  const before = metrics.lines().map(([key]) => key);
  metrics.reset();
  expect(metrics.lines().map(([key]) => key)).toEqual(before);
  expect(metrics.lines().every(([, value]) => Number(value) === 0)).toBe(true);
});

test('monitor.namespaces: the root has none', () => {
  expect(['/', '/a', '/a/b', ''].map(topNamespace)).toEqual([null, 'a', 'a', null]);
});
