/**
 * WatchPermission: watch events are for those only who may read the znode, by its list as the transaction found or made it.
 * What setWatches tells is not filtered. Sources: `WatchManager.triggerWatch`, `ZooKeeperServer.checkACL`; ZOOKEEPER-4799,
 * CVE-2024-23944.
 */
import type { EventOf } from '../../protocol/events.ts';
import type { ActorName, SessionId } from '../../protocol/ids.ts';
import { PERMS, type Acl, type AuthId } from '../../protocol/znode.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import type { World } from '../world.ts';
import type { ClientRun, Part } from './run.ts';

export function watchPermission(world: World, run: ClientRun, report: Report): Part {
  /** What the connections of each server have added to be known by. */
  const known = new Map<ActorName, Map<SessionId, AuthId[]>>();

  function added({ actor, sessionId, scheme, authId }: EventOf<'auth-added'>): void {
    const sessions = known.get(actor) ?? new Map<SessionId, AuthId[]>();
    known.set(actor, sessions);
    sessions.set(sessionId, [...(sessions.get(sessionId) ?? []), { scheme, id: authId }]);
  }

  function fired({ actor, table, event: type, path, sessionId, zxid }: EventOf<'watch-fired'>): void {
    if (table === 'reset' || world.settings.skipACL || path.startsWith('/zookeeper')) return;
    const history = run.historyOf(run.server(actor));
    const as = type === 'NodeDeleted' ? ((zxid - 1) as Zxid) : zxid;
    const version = history.at(path, as);
    if (!version?.node || mayRead(version.node.acl, known.get(actor)?.get(sessionId) ?? [])) return;
    report({
      property: 'WatchPermission',
      says: `${actor} tells session ${sessionId} of ${type} ${path} with ${formatZxid(zxid)}, though its list does not let this client read it: the event should be withheld.`,
      proof: [version.event],
      about: `${actor} ${sessionId}`,
    });
  }

  return {
    on: {
      'auth-added': added,
      'session-detached': ({ actor, sessionId }) => {
        known.get(actor)?.delete(sessionId);
      },
      'process-started': ({ actor }) => {
        known.delete(actor);
      },
      'watch-fired': fired,
    },
  };
}

function mayRead(acl: readonly Acl[], ids: readonly AuthId[]): boolean {
  if (acl.length === 0 || ids.some(({ scheme }) => scheme === 'super')) return true;
  return acl.some(
    ({ perms, scheme, id }) =>
      (perms & PERMS.READ) !== 0 &&
      // Every client of a lab has one address; which networks hold it is not looked at.
      (scheme === 'world' || scheme === 'ip' || ids.some((own) => own.scheme === scheme && own.id === id)),
  );
}
