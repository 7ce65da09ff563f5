/** The processes of a lab: ZooKeeper's servers and clients. */
import { unreachable } from '../../protocol/assert.ts';
import { createClient } from '../../client/index.ts';
import { createServer, MemoryDisk } from '../../engine/index.ts';
import type { ProcessFactory } from '../kernel/kernel.ts';

export const createProcess: ProcessFactory = (init, refs) => {
  const { name, seed, incarnation, defects, process } = init;
  switch (process.type) {
    case 'server': {
      const { sid, zoo, members, groups, weights } = process;
      const disk = MemoryDisk.fromImage(process.disk);
      const server = createServer({ sid, zoo, members, groups, weights, seed, incarnation, disk, refs, defects });
      return { process: server, disk };
    }
    case 'client': {
      const { type: _, ...handle } = process;
      const client = createClient({ name, ...handle, seed, incarnation, refs, defects });
      return { process: client, disk: null };
    }
    default:
      return unreachable(process);
  }
};
