/** Durability: what a client was told to be done stays. Source: zookeeperInternals (Consistency Guarantees: Reliability). */
import type { EventOf } from '../../protocol/events.ts';
import { serverName } from '../../protocol/ids.ts';
import { formatZxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import { entryAt, type World } from '../world.ts';
import type { Mark } from './history.ts';
import type { Part } from './run.ts';
import { isAcknowledged } from './writes.ts';

export function durability(world: World, report: Report): Part {
  /** Acknowledged writes, mostly ascending. */
  let acknowledged: Mark[] = [];

  function serves({ actor, leader, epoch }: EventOf<'serving'>): void {
    if (serverName(leader) !== actor || !world.settings.forceSync) return;
    if (world.lostFrom !== null) {
      const { lostFrom } = world;
      acknowledged = acknowledged.filter(({ zxid }) => zxid < lostFrom);
    }
    const from = world.clash?.missing?.zxid;
    const server = world.servers.get(actor);
    if (from === undefined || !server) return;
    const lost = acknowledged.find(({ zxid }) => zxid >= from && !entryAt(server.log, zxid));
    if (!lost) return;
    report({
      property: 'Durability',
      says: `${actor} leads epoch ${epoch} without ${formatZxid(lost.zxid)}, which a client was told to be done: it should be there for ever.`,
      proof: [lost.event],
    });
    acknowledged = acknowledged.filter(({ zxid }) => zxid < from);
  }

  return {
    on: { serving: serves },
    answered: (call, event) => {
      if (isAcknowledged(call, event)) acknowledged.push({ zxid: event.zxid, event: event.id });
    },
  };
}
