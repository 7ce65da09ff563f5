/** Values of the lab as recordings write them. */
import type { RecordedAcl, RecordedData } from './recording.ts';
import type { TraceData } from '../../protocol/events.ts';
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import { fromBase64, toBase64 } from '../../protocol/trace-data.ts';
import type { Acl, Stat } from '../../protocol/znode.ts';
import { counterOf, epochOf, formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';

/** Names zxids and sessions as one case does. */
export class Names {
  /** Last zxid before the first step. */
  base: Zxid = ZXID_ZERO;
  readonly #labels = new Map<SessionId, string>();

  /** `label` has opened this session, unless another has before. Returns the first label. */
  enter(session: SessionId, label: string): string {
    const known = this.#labels.get(session);
    if (known === undefined) this.#labels.set(session, label);
    return known ?? label;
  }

  session(session: SessionId): string {
    return session === NO_SESSION ? '0' : (this.#labels.get(session) ?? session);
  }

  /** An offset from the base; a number of another epoch, or from before the first step, is hex. */
  zxid(zxid: Zxid): number | string {
    if (zxid === 0 || zxid === -1) return zxid;
    if (epochOf(zxid) !== epochOf(this.base) || zxid <= this.base) return formatZxid(zxid);
    return counterOf(zxid) - counterOf(this.base);
  }

  /** Without the times. */
  stat(stat: Stat): Readonly<Record<string, unknown>> {
    const { version, cversion, aversion, dataLength, numChildren } = stat;
    return {
      czxid: this.zxid(stat.czxid),
      mzxid: this.zxid(stat.mzxid),
      pzxid: this.zxid(stat.pzxid),
      version,
      cversion,
      aversion,
      ephemeralOwner: this.session(stat.ephemeralOwner),
      dataLength,
      numChildren,
    };
  }
}

/** Bytes that are not UTF-8 are `{hex}`. */
export function recordedData(data: TraceData): RecordedData {
  if (data === null || typeof data === 'string') return data;
  return { hex: Buffer.from(fromBase64(data.base64) ?? []).toString('hex') };
}

export function recordedAcl(acl: readonly Acl[]): readonly (readonly [number, string, string])[] {
  return acl.map(({ perms, scheme, id }) => [perms, scheme, id]);
}

/** Data as requests have it. */
export function dataArgument(data: RecordedData): TraceData {
  if (data === null || typeof data === 'string') return data;
  if ('rep' in data) return data.rep.repeat(data.n);
  return { base64: toBase64(Buffer.from(data.hex, 'hex')) };
}

/** `{rep, n}` written out, so that data compare as text. */
export function spelledOut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelledOut);
  if (typeof value !== 'object' || value === null) return value;
  if ('rep' in value && 'n' in value) return String(value.rep).repeat(Number(value.n));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, spelledOut(each)]));
}

/** Null: the call has a null list; absent: it is open to all. */
export function aclArgument(acl: RecordedAcl | undefined): readonly Acl[] | null | undefined {
  if (acl === undefined) return undefined;
  if (acl === 'null') return null;
  return acl.map(([perms, scheme, id]) => ({ perms, scheme: scheme ?? '', id: id ?? '' }));
}

export function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort();
}
