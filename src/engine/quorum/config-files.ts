/**
 * The configuration on a server's disk: `zoo.cfg`, whose last line names the dynamic file of the committed
 * configuration, that file (`zoo.cfg.dynamic.<version in hex>`), and `zoo.cfg.dynamic.next`, the last one that
 * this server has seen while a reconfiguration is open. Sources: `QuorumPeer.setQuorumVerifier`,
 * `setLastSeenQuorumVerifier`, `QuorumPeerConfig.parse`, `writeDynamicConfig`, `editStaticConfig`,
 * `AtomicFileWritingIdiom`.
 *
 * The real server blocks while it writes. Here the writes go on their way at once, and the log that tells of the
 * same configuration is written behind them: fsyncs of a disk run in order.
 */
import { settingName, ZOO_DEFAULTS, type ZooConfig } from '../../protocol/config.ts';
import { formatConfig, parseConfig, parseProperties, type QuorumConfig } from '../../protocol/quorum-config.ts';
import { parseZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { DiskError } from '../disk.ts';

const STATIC_FILE = 'zoo.cfg';
const NEXT_FILE = `${STATIC_FILE}.dynamic.next`;
const DYNAMIC_KEY = 'dynamicConfigFile';

export type ConfigOnDisk =
  | {
      readonly ok: true;
      /** Null: none was ever committed here. */
      readonly committed: QuorumConfig | null;
      /** Null: none is open. */
      readonly next: QuorumConfig | null;
    }
  | { readonly ok: false; readonly reason: string };

export class ConfigFiles {
  readonly #ctx: ServerContext;
  /** What waits for its file; the first is being written. */
  readonly #writes = new Map<string, { readonly text: string; readonly done: () => void }[]>();
  /** Version in `.next` as it is or will be; 0: no such file. */
  #next: Zxid = ZXID_ZERO;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** What the last process left. A file that cannot be read is the end of this one. */
  load(): ConfigOnDisk {
    const pointer = this.#read(STATIC_FILE);
    const file = pointer === null ? undefined : parseProperties(pointer).get(DYNAMIC_KEY);
    let committed: QuorumConfig | null = null;
    if (file !== undefined) {
      const text = this.#read(file);
      const version = parseZxid(`0x${file.slice(file.lastIndexOf('.') + 1)}`);
      const parsed = text === null || version === null ? null : parseConfig(text, this.#ctx.zoo);
      if (!parsed?.ok || version === null) return { ok: false, reason: `Invalid config: ${file} cannot be read.` };
      committed = { ...parsed.value, version };
    }
    const next = this.#read(NEXT_FILE);
    if (next === null) return { ok: true, committed, next: null };
    const parsed = parseConfig(next, this.#ctx.zoo);
    if (!parsed.ok) return { ok: false, reason: `Invalid config: ${NEXT_FILE} cannot be read.` };
    // As it sets the committed configuration at its start, with none newer known yet, the real server deletes this file:
    // what was open is in memory only, and a second restart forgets it.
    this.#ctx.disk.remove(NEXT_FILE);
    return { ok: true, committed, next: parsed.value };
  }

  /** `.next`: seen, and not committed. */
  saveNext(config: QuorumConfig): void {
    this.#next = config.version;
    this.#replace(NEXT_FILE, dynamicText(config, true), () => undefined);
  }

  /** Committed: the dynamic file, then the line that points to it, then `.next` goes, unless it is newer by now. */
  saveCommitted(config: QuorumConfig): void {
    const file = `${STATIC_FILE}.dynamic.${config.version.toString(16)}`;
    this.#replace(file, dynamicText(config, false), () =>
      this.#replace(STATIC_FILE, staticText(this.#ctx.zoo, file), () => {
        if (this.#next !== ZXID_ZERO && this.#next <= config.version) {
          this.#next = ZXID_ZERO;
          if (this.#ctx.disk.size(NEXT_FILE) >= 0) this.#ctx.disk.remove(NEXT_FILE);
        }
      }),
    );
  }

  /**
   * Written beside, fsynced, renamed. Writes of one file wait for each other. One that the disk does not take is left
   * out, with what was to follow it: the real server logs the error and goes on with what it has in memory.
   */
  #replace(file: string, text: string, done: () => void): void {
    const queue = this.#writes.get(file) ?? [];
    this.#writes.set(file, queue);
    queue.push({ text, done });
    if (queue.length === 1) this.#write(file);
  }

  #write(file: string): void {
    const queue = this.#writes.get(file) ?? [];
    const [write] = queue;
    if (!write) return;
    const temporary = `${file}.tmp`;
    try {
      this.#ctx.disk.write(temporary, new TextEncoder().encode(write.text));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      queue.shift();
      this.#write(file);
      return;
    }
    this.#ctx.fsync(temporary, () => {
      this.#ctx.disk.rename(temporary, file);
      queue.shift();
      this.#write(file);
      write.done();
    });
  }

  #read(file: string): string | null {
    const bytes = this.#ctx.disk.read(file);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }
}

/** Sorted lines, the version only in `.next` (`QuorumPeerConfig.writeDynamicConfig`). */
function dynamicText(config: QuorumConfig, withVersion: boolean): string {
  const lines = formatConfig(config).split('\n');
  return lines
    .filter((line) => withVersion || !line.startsWith('version'))
    .sort()
    .join('\n');
}

/** The settings that differ from ZooKeeper's defaults, the three without a default, and the pointer. */
function staticText(zoo: ZooConfig, dynamicFile: string): string {
  const always: readonly (keyof ZooConfig)[] = ['tickTime', 'initLimit', 'syncLimit'];
  const names = Object.keys(ZOO_DEFAULTS) as (keyof ZooConfig)[];
  const lines = names
    .filter((name) => always.includes(name) || zoo[name] !== ZOO_DEFAULTS[name])
    .map((name) => `${settingName(name)}=${zoo[name]}`);
  return [...lines, `${DYNAMIC_KEY}=${dynamicFile}`, ''].join('\n');
}
