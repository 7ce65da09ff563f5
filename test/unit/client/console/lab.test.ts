/** Whole sessions of the console against the servers of a lab: what a person sees who types these lines. */
import { describe, expect, it } from 'vitest';
import { InlineHost } from '../../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../../../src/lab/index.ts';
import { virtualTime } from '../../../../src/protocol/time.ts';

const START = 3000;
/** Between two lines, ms of virtual time. */
const PAUSE = 1000;

/** Types `lines` at alice's console; the lines that each of them printed. */
async function session(
  lines: readonly string[],
  ensemble: Record<string, unknown> = {},
  client: Record<string, unknown> = {},
): Promise<readonly (readonly string[])[]> {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    seed: 7,
    ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }], ...ensemble },
    clients: [{ name: 'alice', server: 1, sessionTimeout: 20_000, ...client }],
    actions: lines.map((line, n) => ({ at: START + n * PAUSE, do: 'console', client: 'alice', line })),
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(START + lines.length * PAUSE));
  expect(lab.failure).toBeNull();
  const events = Array.from({ length: lab.trace.length }, (_, at) => lab.trace.at(at));
  lab.dispose();
  return lines.map((_, n) =>
    events.flatMap((event) =>
      event.kind === 'console-output' && event.t >= START + n * PAUSE && event.t < START + (n + 1) * PAUSE
        ? event.lines
        : [],
    ),
  );
}

/** A script: a line after `> `, then what it prints; a line that is a regular expression matches. */
async function follows(script: string, ...settings: readonly Record<string, unknown>[]): Promise<void> {
  const rows = script
    .trim()
    .split('\n')
    .map((row) => row.trim());
  const blocks: { line: string; printed: string[] }[] = [];
  for (const row of rows) {
    if (row.startsWith('> ')) blocks.push({ line: row.slice(2), printed: [] });
    else blocks.at(-1)!.printed.push(row === '·' ? '' : row);
  }
  const outputs = await session(
    blocks.map(({ line }) => line),
    ...settings,
  );
  for (const [n, { line, printed }] of blocks.entries()) {
    const expected = printed.map((row) =>
      row.startsWith('/^') ? (expect.stringMatching(new RegExp(row.slice(1, -1))) as unknown) : row,
    );
    expect(outputs[n], `${n}: ${line}`).toEqual(expected);
  }
}

describe('a session in a lab', () => {
  it('creates, reads, changes and deletes', async () => {
    await follows(`
      > create /app hello
      Created /app
      > create -s /app/job- x
      Created /app/job-0000000000
      > create -e /app/me
      Created /app/me
      > create -c /box
      Created /box
      > create /app/me/child
      Ephemerals cannot have children: /app/me/child
      > ls /app
      [job-0000000000, me]
      > ls -R /app
      /app
      /app/job-0000000000
      /app/me
      > get /app
      hello
      > set -v 3 /app x
      version No is not valid : /app
      > set -s /app bye
      /^cZxid = 0x100000002$/
      /^ctime = /
      /^mZxid = 0x10000000[0-9a-f]$/
      /^mtime = /
      /^pZxid = 0x10000000[0-9a-f]$/
      cversion = 2
      dataVersion = 1
      aclVersion = 0
      ephemeralOwner = 0x0
      dataLength = 3
      numChildren = 2
      > getEphemerals
      [/app/me]
      > getAllChildrenNumber /app
      2
      > delete /app
      Node not empty: /app
      > deleteall /app
      > stat /app
      Node does not exist: /app
      > sync /
      Sync is OK
      > create -t 100 /ttl
      KeeperErrorCode = Unimplemented for /ttl
    `);
  });

  it('creates with a time to live where the ensemble allows it', async () => {
    await follows(
      `
      > create -t 5000 /ttl
      Created /ttl
      > create -s -t 5000 /ttl-
      Created /ttl-0000000001
      `,
      { extendedTypesEnabled: true },
    );
  });

  it('sets permissions and identities', async () => {
    await follows(`
      > whoami
      Auth scheme: User
      /^ip: /
      > addauth digest bob:secret
      > whoami
      Auth scheme: User
      /^ip: /
      digest: bob
      > create /mine x auth::cdrwa
      Created /mine
      > getAcl /mine
      'digest,'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=
      : cdrwa
      > setAcl /mine world:anyone:r
      > set /mine y
      Insufficient permission : /mine
      > setAcl /mine world:anyone:cdrwa
      Insufficient permission : /mine
      > create /bad x nobody:a:r
      KeeperErrorCode = InvalidACL for /bad
      Acl is not valid : /bad
    `);
  });

  it('watches', async () => {
    await follows(`
      > create /w
      Created /w
      > get -w /w
      null
      > set /w 1
      ·
      WATCHER::
      ·
      /^WatchedEvent state:SyncConnected type:NodeDataChanged path:/w zxid: \\d+$/
      > set /w 2
      > addWatch /w
      > create /w/x
      ·
      WATCHER::
      ·
      /^WatchedEvent state:SyncConnected type:NodeCreated path:/w/x zxid: \\d+$/
      Created /w/x
      > printwatches off
      > set /w/x 1
      > printwatches on
      > removewatches /w
      ·
      WATCHER::
      ·
      WatchedEvent state:SyncConnected type:PersistentWatchRemoved path:/w zxid: -1
      > removewatches /w
      KeeperErrorCode = No such watcher for /w
    `);
  });

  it('sets quotas', async () => {
    await follows(
      `
      > create /q
      Created /q
      > setquota -N 2 /q
      > listquota /q
      absolute path is /zookeeper/quota/q/zookeeper_limits
      Output quota for /q count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2
      Output stat for /q count=1,bytes=0
      > create /q/a
      Created /q/a
      > create /q/b
      Quota has exceeded : /q/b
      > setquota -n 5 /q/a
      /q/a has a parent /q which has a quota
      > delquota /q
      > listquota /q
      absolute path is /zookeeper/quota/q/zookeeper_limits
      quota for /q does not exist.
      > ls /zookeeper/quota
      []
      `,
      { enforceQuota: true },
    );
  });

  it('reads the configuration', async () => {
    await follows(`
      > config
      /^server.1=.*:participant/
      /^server.2=.*:participant/
      /^server.3=.*:participant/
      /^version=/
      > config -c
      /^\\d+ \\S+,\\S+,\\S+$/
      > reconfig -remove 3
      KeeperErrorCode = Reconfig is disabled
    `);
  });

  it('closes, and connects again', async () => {
    await follows(`
      > create -e /e
      Created /e
      > close
      ·
      WATCHER::
      ·
      WatchedEvent state:Closed type:None path:null zxid: -1
      > get /e
      Not connected
      > connect s2
      ·
      WATCHER::
      ·
      WatchedEvent state:SyncConnected type:None path:null zxid: -1
      > get /e
      Node does not exist: /e
    `);
  });

  it('sees what lies below its chroot', async () => {
    await follows(
      `
      > create / x
      /^Created $/
      > create /a
      Created /a
      > ls -R /
      /
      /a
      > setquota -n 9 /a
      > listquota /a
      absolute path is /zookeeper/quota/a/zookeeper_limits
      Output quota for /a count=9,bytes=-1=;byteHardLimit=-1;countHardLimit=-1
      Output stat for /a count=0,bytes=0
      `,
      {},
      { chroot: '/apps' },
    );
  });
});
