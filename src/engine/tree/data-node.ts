/**
 * A znode (`DataNode`, `StatPersisted`). The stored cversion counts child creates only; clients see 2 × cversion − numChildren.
 */
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import type { Acl, Stat, ZnodeData } from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { ephemeralType } from './ephemeral-type.ts';
import type { GrownSet } from './java-hash.ts';

/** `StatPersisted`: what snapshots keep of a Stat. `cversion` is the internal one. */
export interface StatPersisted {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: SessionId;
  readonly pzxid: Zxid;
}

/** A znode as others may read it. */
export interface ZnodeView {
  readonly data: ZnodeData;
  readonly acl: readonly Acl[];
  readonly stat: Readonly<StatPersisted>;
  readonly children: ReadonlySet<string>;
}

/** A znode as snapshots keep it: its ACL is a number of their table. */
export interface StoredZnode extends Pick<ZnodeView, 'data' | 'stat'> {
  readonly aclIndex: number;
}

/** The tree's own. */
export interface DataNode extends ZnodeView {
  data: ZnodeData;
  acl: readonly Acl[];
  /** The number of {@link acl} in the tree's table. */
  aclIndex: number;
  /** Its share of the tree's digest. */
  digest: number;
  readonly stat: { -readonly [K in keyof StatPersisted]: StatPersisted[K] };
  readonly children: GrownSet<string>;
}

/** The Stat as clients see it (`DataNode.copyStat`): containers and nodes with a time to live show no owner. */
export function copyStat({ data, stat, children }: DataNode, extendedTypesEnabled: boolean): Stat {
  const { ephemeralOwner: owner } = stat;
  return {
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    ctime: stat.ctime,
    mtime: stat.mtime,
    version: stat.version,
    cversion: (stat.cversion * 2 - children.size) | 0,
    aversion: stat.aversion,
    ephemeralOwner: ephemeralType(owner, extendedTypesEnabled) === 'NORMAL' ? owner : NO_SESSION,
    dataLength: data?.length ?? 0,
    numChildren: children.size,
    pzxid: stat.pzxid,
  };
}
