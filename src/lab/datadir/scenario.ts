/** A lab that starts with the tree of an opened data directory. */
import { toBase64 } from '../../protocol/trace-data.ts';
import { formatZxid } from '../../protocol/zxid.ts';
import { SCENARIO_FORMAT } from '../scenario-types.ts';
import type { OpenedDataDir } from './files.ts';

/**
 * A scenario of `servers` participants, each with the same files on its disk, as after restoring a
 * backup; to be validated like any other.
 */
export function scenarioOfDataDir(
  { content, lastZxid, extendedTypes }: Extract<OpenedDataDir, { readonly ok: true }>,
  servers: number,
): Record<string, unknown> {
  const files = content.files.map(({ name, bytes }) => [name, { base64: toBase64(bytes) }] as const);
  return {
    format: SCENARIO_FORMAT,
    title: `A data directory up to ${formatZxid(lastZxid)}`,
    ensemble: {
      servers: Array.from({ length: servers }, (_, index) => ({ sid: index + 1 })),
      ...(extendedTypes && { extendedTypesEnabled: true }),
    },
    disks: { '*': { files: Object.fromEntries(files) } },
    clients: [{ name: 'alice' }],
  };
}
