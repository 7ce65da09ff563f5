import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiskError } from '../../../src/engine/disk.ts';
import { MemoryDisk } from '../../../src/engine/storage/index.ts';
import { Random } from '../../../src/protocol/random.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | null): string | null =>
  content === null ? null : new TextDecoder().decode(content);
const sync = (disk: MemoryDisk, file: string): boolean => disk.completeFsync(disk.beginFsync(file));
const seeds = fc.nat().map((seed) => Random.stream(seed, 'crash'));

describe('MemoryDisk', () => {
  test('an fsync covers what was written when it began, not what came while it ran', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.append('log', bytes('one'));
        const ticket = disk.beginFsync('log');
        disk.append('log', bytes('two'));
        disk.completeFsync(ticket);
        const lost = disk.crash(random);
        const left = text(disk.read('log')) ?? '';
        expect(left.startsWith('one') && 'onetwo'.startsWith(left) && left !== 'onetwo').toBe(true);
        expect(lost).toEqual([{ file: 'log', bytes: 6 - left.length, torn: left.length > 3 }]);
      }),
    );
  });

  test('some crash tears, some takes all, and some leaves an empty file', () => {
    const left = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const disk = new MemoryDisk();
      disk.append('new', bytes('h'));
      disk.append('new', bytes('abcdef'));
      disk.crash(Random.stream(seed, 'crash'));
      left.add(String(text(disk.read('new'))));
    }
    expect([...left].sort()).toEqual(['', 'h', 'ha', 'hab', 'habc', 'habcd', 'habcde', 'null']);
  });

  test('the first write of a new file is whole or absent if it fits into a sector', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.write('epoch', bytes('12'));
        disk.crash(random);
        expect([null, '']).toContain(text(disk.read('epoch')));
      }),
    );
  });

  test('a file that was being replaced comes back', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.write('a', bytes('old'));
        sync(disk, 'a');
        disk.write('a', bytes('new, longer'));
        disk.write('a', bytes('newer'));
        disk.crash(random);
        expect(text(disk.read('a'))).toBe('old');
      }),
    );
  });

  test('pending writes reach the platter in the order in which they were made', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.append('log.1', bytes('first'));
        disk.append('log.2', bytes('second'));
        disk.crash(random);
        expect(disk.read('log.2')).toBeNull();
      }),
    );
  });

  test('that order counts from the write, though an fsync of the older file ended later', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.append('log.1', bytes('first'));
        const ticket = disk.beginFsync('log.1');
        disk.append('log.1', bytes('behind'));
        disk.append('log.2', bytes('second'));
        disk.append('log.2', bytes('third'));
        disk.completeFsync(ticket);
        disk.crash(random);
        expect(disk.read('log.2')).toBeNull();
        expect(text(disk.read('log.1'))).toMatch(/^first/);
      }),
    );
  });

  test('and what the older file got after its fsync began is younger than the other file', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.append('log.1', bytes('first'));
        const ticket = disk.beginFsync('log.1');
        disk.append('log.2', bytes('second'));
        disk.append('log.1', bytes('behind'));
        disk.completeFsync(ticket);
        disk.crash(random);
        expect(text(disk.read('log.1'))).toBe('first');
      }),
    );
  });

  test('rename puts what is durable under the other name', () => {
    const disk = new MemoryDisk();
    disk.write('e', bytes('1'));
    sync(disk, 'e');
    disk.write('e.tmp', bytes('2'));
    sync(disk, 'e.tmp');
    disk.rename('e.tmp', 'e');
    expect(disk.crash(Random.stream(1, 'crash'))).toEqual([]);
    expect([text(disk.read('e')), disk.read('e.tmp')]).toEqual(['2', null]);
  });

  test('a file that is removed or replaced while its fsync runs is left as it is', () => {
    const disk = new MemoryDisk();
    disk.write('a', bytes('one'));
    const ticket = disk.beginFsync('a');
    disk.remove('a');
    disk.write('a', bytes('two'));
    disk.completeFsync(ticket);
    disk.crash(Random.stream(1, 'crash'));
    expect(text(disk.read('a')) || null).toBeNull();
  });

  test('image, fromImage, wipe', () => {
    const disk = new MemoryDisk();
    disk.write('b', bytes('2'));
    disk.append('a', bytes('1'));
    const image = structuredClone(disk.image());
    expect(image.files.map(({ name }) => name)).toEqual(['a', 'b']);
    const copy = MemoryDisk.fromImage(image);
    copy.append('a', bytes('+'));
    copy.crash(Random.stream(1, 'crash'));
    expect(text(copy.read('a'))).toBe('1');
    expect(copy.size('b')).toBe(1);
    copy.wipe();
    expect([copy.list(''), copy.size('a')]).toEqual([[], -1]);
    expect(text(disk.read('a'))).toBe('1');
  });

  test('corrupt changes exactly one byte', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -1, max: 12 }), (random, offset) => {
        const disk = MemoryDisk.fromImage({ files: [{ name: 'a', bytes: bytes('0123456789') }] });
        const at = disk.corrupt('a', offset, random);
        const changed = [...(disk.read('a') ?? [])].flatMap((byte, i) => (byte === 0x30 + i ? [] : [i]));
        expect(changed).toEqual(at < 0 ? [] : [at]);
        expect(at).toBe(offset >= 0 && offset < 10 ? offset : -1);
        expect(disk.corrupt('none', 0, random)).toBe(-1);
      }),
    );
  });

  test('extend puts zeros behind what is written, and appends go over them', () => {
    const disk = new MemoryDisk();
    disk.write('log', bytes('head'));
    disk.extend('log', 10);
    disk.append('log', bytes('one'));
    expect([disk.size('log'), text(disk.read('log'))]).toEqual([10, 'headone\0\0\0']);
    disk.append('log', bytes('twothree'));
    expect([disk.size('log'), text(disk.read('log'))]).toEqual([15, 'headonetwothree']);
    disk.truncate('log', 5);
    disk.extend('log', 7);
    expect(text(disk.read('log'))).toBe('heado\0\0');
    disk.extend('log', 3);
    expect(disk.size('log')).toBe(7);
  });

  test('what a crash leaves of a file that was extended keeps its zeros, and loses what was not synced', () => {
    fc.assert(
      fc.property(seeds, (random) => {
        const disk = new MemoryDisk();
        disk.write('log', bytes('head'));
        disk.extend('log', 20);
        disk.append('log', bytes('one'));
        sync(disk, 'log');
        disk.append('log', bytes('two'));
        disk.crash(random);
        expect(['headone', 'headonet', 'headonetw'].map((kept) => kept.padEnd(20, '\0'))).toContain(
          text(disk.read('log')),
        );
      }),
    );
  });

  test('a full disk takes nothing, keeps what it has, and lets it become durable', () => {
    const disk = new MemoryDisk();
    disk.append('a', bytes('one'));
    disk.full = true;
    for (const write of ['append', 'write'] as const) {
      expect(() => disk[write]('a', bytes('two'))).toThrow('a cannot be written: no space left on the disk');
    }
    expect(() => disk.extend('a', 10)).toThrow(DiskError);
    expect([disk.hasDirtyFiles, disk.dirtyFiles]).toEqual([true, ['a']]);
    expect(sync(disk, 'a')).toBe(true);
    expect([disk.hasDirtyFiles, disk.dirtyFiles, text(disk.read('a'))]).toEqual([false, [], 'one']);
    disk.full = false;
    disk.append('a', bytes('two'));
    expect(text(disk.read('a'))).toBe('onetwo');
  });

  test('completeFsync tells whether anything became durable', () => {
    const disk = new MemoryDisk();
    disk.append('a', bytes('one'));
    const [early, late] = [disk.beginFsync('a'), disk.beginFsync('a')];
    expect([disk.completeFsync(early), disk.completeFsync(late)]).toEqual([true, false]);
    const gone = disk.beginFsync('a');
    disk.remove('a');
    expect(disk.completeFsync(gone)).toBe(false);
  });

  test('many small appends to a large file do not copy it each time', () => {
    const disk = new MemoryDisk();
    const block = new Uint8Array(1000);
    const started = performance.now();
    for (let i = 0; i < 50_000; i++) disk.append('log', block);
    expect(disk.size('log')).toBe(50_000_000);
    // Copying it each time would move more than a terabyte.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
