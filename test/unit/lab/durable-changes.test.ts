/** What a disk tells of what became durable, queued and done to other files: they hold what a crash leaves. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryDisk } from '../../../src/engine/index.ts';
import { DurableChanges, type FileChanges } from '../../../src/lab/hosts/durable-changes.ts';
import { Random } from '../../../src/protocol/random.ts';

type Files = Map<string, Uint8Array>;

/** As the real disk does it. */
function apply(files: Files, all: readonly FileChanges[]): void {
  for (const { file, removed, changes } of all) {
    let bytes = removed ? new Uint8Array(0) : (files.get(file) ?? new Uint8Array(0));
    for (const change of changes) {
      const length =
        change.do === 'resize' ? change.length : Math.max(bytes.length, change.offset + change.bytes.length);
      const next = new Uint8Array(length);
      next.set(bytes.subarray(0, length));
      if (change.do === 'write') next.set(change.bytes, change.offset);
      bytes = next;
    }
    if (changes.length === 0) files.delete(file);
    else files.set(file, bytes);
  }
}

const sorted = (files: Files): unknown =>
  [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, bytes]) => ({ name, bytes: [...bytes] }));
const imageOf = (disk: MemoryDisk): unknown =>
  disk.image().files.map(({ name, bytes }) => ({ name, bytes: [...bytes] }));

const file = fc.constantFrom('log', 'epoch', 'epoch.tmp');
const length = fc.nat({ max: 40 });
const op = fc.oneof(
  fc.record({ op: fc.constantFrom('append', 'write'), file, bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
  fc.record({ op: fc.constantFrom('extend', 'truncate'), file, length }),
  fc.record({ op: fc.constantFrom('begin', 'remove'), file }),
  fc.record({ op: fc.constant('rename'), file, to: file }),
  fc.record({ op: fc.constantFrom('complete', 'take') }),
);

test('whatever is done to a disk, files that are told what becomes durable hold what a crash leaves', () => {
  let told = 0;
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), fc.nat(), fc.boolean(), (ops, seed, peaceful) => {
      const disk = new MemoryDisk();
      const queue = new DurableChanges();
      disk.journal = queue;
      const files: Files = new Map();
      const tickets: ReturnType<MemoryDisk['beginFsync']>[] = [];
      const take = (): void => {
        const all = queue.take();
        told += all.length;
        apply(files, all);
        expect(queue.isEmpty).toBe(true);
      };
      for (const each of ops) {
        if ('bytes' in each) disk[each.op](each.file, each.bytes);
        else if ('length' in each) disk[each.op](each.file, each.length);
        else if ('to' in each) {
          if (each.file !== each.to) disk.rename(each.file, each.to);
        } else if ('file' in each) {
          if (each.op === 'remove') disk.remove(each.file);
          else tickets.push(disk.beginFsync(each.file));
        } else if (each.op === 'take') take();
        else {
          const ticket = tickets.shift();
          if (ticket) disk.completeFsync(ticket);
        }
      }
      if (peaceful) disk.sync();
      else disk.crash(Random.stream(seed, 'crash'));
      take();
      expect(sorted(files)).toEqual(imageOf(disk));
    }),
    { numRuns: 2000 },
  );
  expect(told).toBeGreaterThan(1000);
});

test('nothing waits while nothing becomes durable', () => {
  const disk = new MemoryDisk();
  const queue = new DurableChanges();
  disk.journal = queue;
  disk.append('log', new Uint8Array(8));
  expect(queue.isEmpty).toBe(true);
  const ticket = disk.beginFsync('log');
  disk.append('log', new Uint8Array(8));
  disk.completeFsync(ticket);
  expect(queue.take().map(({ file, removed, changes }) => [file, removed, changes.map((each) => each.do)])).toEqual([
    ['log', false, ['write', 'resize']],
  ]);
});

test('what a removed file was told before is forgotten; the file that comes after it begins anew', () => {
  const queue = new DurableChanges();
  queue.write('log', 0, new Uint8Array(100));
  queue.remove('log');
  queue.write('log', 0, new Uint8Array([7]));
  queue.remove('other');
  const files: Files = new Map([
    ['log', new Uint8Array(50)],
    ['other', new Uint8Array(1)],
  ]);
  apply(files, queue.take());
  expect(files).toEqual(new Map([['log', new Uint8Array([7])]]));
});

test('bytes are kept as they were when they became durable', () => {
  const queue = new DurableChanges();
  const bytes = new Uint8Array([1, 2]);
  queue.write('log', 0, bytes);
  bytes.fill(9);
  const files: Files = new Map();
  apply(files, queue.take());
  expect(files.get('log')).toEqual(new Uint8Array([1, 2]));
});
