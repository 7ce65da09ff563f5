/** Quotas on the console: which znodes the commands make of them, and what they say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatStatsTrack, parseStatsTrack } from '../../../../src/protocol/stats-track.ts';
import { calls, shell, text, znode, type Tree } from './server.ts';

const Q = '/zookeeper/quota';

function quotaShell() {
  const { rig, tree } = shell();
  tree.set('/zookeeper', znode(null)).set(Q, znode(null));
  return { rig, tree };
}
const quotaNodes = (tree: Tree) => [...tree].filter(([path]) => path.startsWith(Q)).map(([path, { data }]) => [path, text(data)]); // prettier-ignore

describe('setquota', () => {
  it('makes the znodes of a quota', () => {
    const { rig, tree } = quotaShell();
    expect(rig.type('setquota -n 5 /a/b')).toEqual([]);
    expect(quotaNodes(tree)).toEqual([
      [Q, null],
      [`${Q}/a`, null],
      [`${Q}/a/b`, null],
      [`${Q}/a/b/zookeeper_limits`, 'count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=-1'],
      [`${Q}/a/b/zookeeper_stats`, 'count=0,bytes=0'],
    ]);
    expect(calls(rig)).toEqual([
      'stat /a/b',
      `get ${Q}/a/b`,
      `ls ${Q}/a`,
      `stat ${Q}`,
      `stat ${Q}/a`,
      `create ${Q}/a`,
      `stat ${Q}/a/b`,
      `create ${Q}/a/b`,
      `stat ${Q}/a/b/zookeeper_limits`,
      `create ${Q}/a/b/zookeeper_limits`,
      `create ${Q}/a/b/zookeeper_stats`,
      `get ${Q}/a/b/zookeeper_limits`,
      `get ${Q}/a/b/zookeeper_stats`,
    ]);
  });

  it('makes /zookeeper/quota where a chroot hides it', () => {
    const { rig, tree } = shell();
    rig.type('setquota -b 0 /a');
    expect([...tree.keys()]).toEqual(expect.arrayContaining(['/zookeeper', Q, `${Q}/a/zookeeper_limits`]));
  });

  it('adds a limit to a quota', () => {
    const { rig, tree } = quotaShell();
    rig.type('setquota -n 5 /a');
    rig.type('setquota -B 9007199254740993 /a');
    expect(text(tree.get(`${Q}/a/zookeeper_limits`)!.data)).toBe(
      'count=5,bytes=-1=;byteHardLimit=9007199254740993;countHardLimit=-1',
    );
  });

  it('warns of a limit below what is used', () => {
    const { rig, tree } = quotaShell();
    rig.type('setquota -n 5 /a');
    tree.set(`${Q}/a/zookeeper_stats`, znode('count=4,bytes=30'));
    expect(rig.type('setquota -N 3 /a')).toEqual([
      '[Warning]: the count quota you create is less than the existing count:4',
    ]);
    expect(rig.type('setquota -b 7 /a')).toEqual([
      '[Warning]: the count quota you create is less than the existing count:4',
      '[Warning]: the bytes quota you create is less than the existing bytes:30',
    ]);
  });

  it('no quota above or below another', () => {
    const { rig } = quotaShell();
    rig.type('setquota -n 5 /a/b');
    expect(rig.type('setquota -n 5 /a')).toEqual(['/a has a child /a/b which has a quota']);
    expect(rig.type('setquota -n 5 /a/b/d')).toEqual(['/a/b/d has a parent /a/b which has a quota']);
    expect(rig.type('setquota -n 5 /a/c')).toEqual([]);
  });

  it.each([
    [
      'setquota /a',
      [
        'org.apache.commons.cli.MissingOptionException: Missing required option: ' +
          '[-n num soft quota, -b bytes soft quota, -N num hard quota, -B bytes hard quota]',
      ],
    ],
    [
      'setquota -n 1 -b 2 /a',
      [
        "org.apache.commons.cli.AlreadySelectedException: The option 'b' was specified " +
          "but an option from this group has already been selected: 'n'",
      ],
    ],
    ['setquota -n 1', ['setquota -n|-b|-N|-B val path']],
    ['setquota -n x /a', ['NumberFormatException happens when parsing the option value']],
    ['setquota -n 2147483648 /a', ['NumberFormatException happens when parsing the option value']],
    ['setquota -n 0 /a', ['the num quota must be greater than zero']],
    ['setquota -N -1 /a', ['the num quota must be greater than zero']],
    ['setquota -b -1 /a', ['the bytes quota must be greater than or equal to zero']],
    ['setquota -n 1 /zookeeper/quota/a', ['cannot set a quota under the path: /zookeeper/quota']],
    ['setquota -n 1 /no', ['/no does not exist.']],
    ['setquota -n 1 a', ['Path must start with / character']],
    ['setquota -n 1 /', ['Path must not end with / character']],
  ])('%s', (line, printed) => {
    expect(quotaShell().rig.type(line)).toEqual(printed);
  });
});

describe('listquota and delquota', () => {
  it('list what is allowed and what is used', () => {
    const { rig } = quotaShell();
    rig.type('setquota -N 5 /a');
    expect(rig.type('listquota /a')).toEqual([
      `absolute path is ${Q}/a/zookeeper_limits`,
      'Output quota for /a count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=5',
      'Output stat for /a count=0,bytes=0',
    ]);
    expect(rig.type('listquota /b')).toEqual([
      `absolute path is ${Q}/b/zookeeper_limits`,
      'quota for /b does not exist.',
    ]);
    expect(rig.type('listquota')).toEqual(['listquota path']);
  });

  it('drop one limit', () => {
    const { rig, tree } = quotaShell();
    rig.type('setquota -N 5 /a');
    rig.type('setquota -b 7 /a');
    expect(rig.type('delquota -N /a')).toEqual([]);
    expect(text(tree.get(`${Q}/a/zookeeper_limits`)!.data)).toBe(
      'count=-1,bytes=7=;byteHardLimit=-1;countHardLimit=-1',
    );
  });

  it('drop the quota, and the znodes that hold nothing else', () => {
    const { rig, tree } = quotaShell();
    rig.type('setquota -n 5 /a/b');
    rig.type('setquota -n 5 /a/c');
    expect(rig.type('delquota /a/b')).toEqual([]);
    expect(quotaNodes(tree).map(([path]) => path)).toEqual([
      Q,
      `${Q}/a`,
      `${Q}/a/c`,
      `${Q}/a/c/zookeeper_limits`,
      `${Q}/a/c/zookeeper_stats`,
    ]);
    rig.type('delquota /a/c');
    expect(quotaNodes(tree)).toEqual([[Q, null]]);
  });

  it('say that there is none', () => {
    const { rig, tree } = quotaShell();
    expect(rig.type('delquota /a')).toEqual(['Quota does not exist for /a']);
    expect(rig.type('delquota')).toEqual(['delquota [-n|-b|-N|-B] path']);
    tree.set(`${Q}/a`, znode(null)).set(`${Q}/a/zookeeper_limits`, znode('five'));
    expect(rig.type('delquota /a')).toEqual([`${Q}/a/zookeeper_limits does not hold the numbers of a quota`]);
  });
});

describe('numbers of a quota', () => {
  it('there and back', () => {
    const number = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const track = fc.dictionary(fc.constantFrom('count', 'bytes', 'countHardLimit', 'byteHardLimit'), number);
    fc.assert(
      fc.property(track, (numbers) => {
        const given = new Map(Object.entries(numbers));
        const back = parseStatsTrack(formatStatsTrack(given));
        for (const name of ['count', 'bytes']) if (!given.has(name)) given.set(name, -1n);
        expect(back).toEqual(given);
      }),
    );
  });

  it.each([
    ['', 'count=-1,bytes=-1'],
    ['count=5,bytes=-1', 'count=5,bytes=-1'],
    ['count=5,bytes=1=;byteHardLimit=2', 'count=5,bytes=1=;byteHardLimit=2'],
    ['five', null],
    ['count=9223372036854775808', null],
    [',count=1', null],
  ])('%j', (given, printed) => {
    const track = parseStatsTrack(given);
    expect(track && formatStatsTrack(track)).toBe(printed);
  });
});
