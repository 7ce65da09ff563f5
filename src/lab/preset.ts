/** What the servers' disks hold before their first start, as a scenario's `disks` say. */
import { MemoryDisk, presetDisk, type DiskPresetContent } from '../engine/index.ts';
import { NO_SESSION } from '../protocol/ids.ts';
import { WALL_CLOCK_EPOCH_MS } from '../protocol/time.ts';
import { fromBase64 } from '../protocol/trace-data.ts';
import type { LoggedTxn, Txn } from '../protocol/txns.ts';
import { OPEN_ACL_UNSAFE, type ZnodeData } from '../protocol/znode.ts';
import { parseZxid, ZXID_ZERO, type Zxid } from '../protocol/zxid.ts';
import type { DiskPreset } from './scenario-types.ts';
import type { DiskImage } from './types.ts';

export type PresetImages =
  | { readonly ok: true; readonly images: ReadonlyMap<number, DiskImage> }
  | { readonly ok: false; readonly message: string };

/** Writes the disk of each server that has a preset; a refusal names it. */
export function presetImages(disks: Readonly<Record<string, DiskPreset>>, sids: readonly number[]): PresetImages {
  const images = new Map<number, DiskImage>();
  for (const sid of sids) {
    const preset = disks[sid] ?? disks['*'];
    if (!preset) continue;
    if (preset.files) {
      images.set(sid, { files: filesOf(preset.files) });
      continue;
    }
    const disk = new MemoryDisk();
    const written = presetDisk(disk, contentOf(preset));
    if (!written.ok) return { ok: false, message: `disks.${sid}: ${written.reason}` };
    images.set(sid, disk.image());
  }
  return { ok: true, images };
}

/** The scenario's validation has seen that it is base64. */
function filesOf(files: NonNullable<DiskPreset['files']>): DiskImage['files'] {
  return Object.entries(files).map(([name, { base64 }]) => ({ name, bytes: fromBase64(base64) ?? new Uint8Array(0) }));
}

function contentOf({ acceptedEpoch, currentEpoch, snapshot, log }: DiskPreset): DiskPresetContent {
  return {
    ...(acceptedEpoch === undefined ? {} : { acceptedEpoch }),
    ...(currentEpoch === undefined ? {} : { currentEpoch }),
    ...(snapshot && {
      snapshot: {
        zxid: zxidOf(snapshot.zxid),
        nodes: snapshot.nodes.map(({ path, data }) => ({ path, data: bytesOf(data) })),
      },
    }),
    ...(log && { log: logOf(log) }),
  };
}

function logOf(log: NonNullable<DiskPreset['log']>): readonly LoggedTxn[] {
  // A `set` carries the new version: one more than after the changes before it.
  const versions = new Map<string, number>();
  return log.map((entry, index): LoggedTxn => {
    const header = { clientId: NO_SESSION, cxid: index + 1, zxid: zxidOf(entry.zxid), time: WALL_CLOCK_EPOCH_MS };
    return { header, txn: txnOf(entry, versions) };
  });
}

function txnOf(entry: NonNullable<DiskPreset['log']>[number], versions: Map<string, number>): Txn {
  const { path } = entry;
  if (entry.op === 'delete') {
    versions.delete(path);
    return { type: 'delete', path };
  }
  const data = bytesOf(entry.data);
  if (entry.op === 'create') {
    versions.delete(path);
    return { type: 'create', path, data, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: -1 };
  }
  const version = (versions.get(path) ?? 0) + 1;
  versions.set(path, version);
  return { type: 'setData', path, data, version };
}

function bytesOf(data: string | undefined): ZnodeData {
  return data === undefined ? null : new TextEncoder().encode(data);
}

/** The scenario's validation has read it before. */
function zxidOf(text: string): Zxid {
  return parseZxid(text) ?? ZXID_ZERO;
}
