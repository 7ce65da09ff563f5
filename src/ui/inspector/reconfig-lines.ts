/** What to type at a console to bring a server into the configuration, or out of it, and what would stand in the way. Pure. */
import type { Scenario } from '../../lab/index.ts';
import type { MemberConfig, Role } from '../../protocol/config.ts';
import { formatServer, labServer } from '../../protocol/quorum-config.ts';
import type { ConfigView, ServerView } from '../../trace/index.ts';
import { hasGroups, type Standing } from '../stage/membership.ts';

/** `reconfig -add server.4=…`: adds a server, or replaces the one of its sid. */
export function addLine(member: MemberConfig): string {
  return `reconfig -add server.${member.sid}=${formatServer(labServer(member))}`;
}

export function removeLine({ sid }: Pick<MemberConfig, 'sid'>): string {
  return `reconfig -remove ${sid}`;
}

/** The role in which a server was added to the lab. */
export function wishedRole({ sid, role }: Pick<ServerView, 'sid' | 'role'>, scenario: Pick<Scenario, 'actions'>): Role {
  const added = scenario.actions.findLast((action) => action.do === 'add-server' && action.sid === sid);
  return added?.do === 'add-server' ? (added.role ?? 'participant') : role;
}

export interface NextStep {
  readonly says: string;
  readonly line: string;
}

/** What may come next for this server; a member can become the other role, or leave. */
export function nextSteps(
  server: Pick<ServerView, 'sid' | 'role'>,
  standing: Standing,
  scenario: Pick<Scenario, 'actions'>,
): readonly NextStep[] {
  const { sid } = server;
  if (standing === 'joining' || standing === 'removed') {
    const role = wishedRole(server, scenario);
    return [
      {
        says: `To make it a ${role === 'observer' ? 'member that observes' : 'member'}:`,
        line: addLine({ sid, role }),
      },
    ];
  }
  const other: Role = standing === 'observer' ? 'participant' : 'observer';
  return [
    { says: 'To remove it from the configuration:', line: removeLine({ sid }) },
    {
      says: `To make it ${other === 'observer' ? 'an observer' : 'a participant'}:`,
      line: addLine({ sid, role: other }),
    },
  ];
}

/** Why the ensemble will refuse; null if nothing is in the way. */
export function obstacle(
  { reconfigEnabled, skipACL }: Pick<Scenario['ensemble'], 'reconfigEnabled' | 'skipACL'>,
  config: Pick<ConfigView, 'text'> | null,
): string | null {
  if (!reconfigEnabled) return 'This ensemble refuses: it runs with reconfigEnabled off. Start a lab that has it on.';
  if (config !== null && hasGroups(config))
    return 'Where groups decide, a reconfig has to name all members: reconfig -members …';
  if (!skipACL) return 'It needs WRITE on /zookeeper/config, which only a super user has at first (addauth).';
  return null;
}

/** Who is new in `next`, who is gone, who has another role: `+ s4`, `− s2`, `s3 observer`. */
export function changesBetween(before: ConfigView, next: ConfigView): readonly string[] {
  const old = new Map(before.members.map((member) => [member.sid, member.role]));
  const now = new Map(next.members.map((member) => [member.sid, member.role]));
  return [
    ...next.members.flatMap(({ sid, role }) => {
      const was = old.get(sid);
      if (was === role) return [];
      return was === undefined ? [`+ s${sid}${role === 'observer' ? ' observer' : ''}`] : [`s${sid} ${role}`];
    }),
    ...before.members.flatMap(({ sid }) => (now.has(sid) ? [] : [`− s${sid}`])),
  ];
}

export interface MemberRow {
  readonly sid: MemberConfig['sid'];
  readonly role: Role;
  /** `group 1, weight 2`; empty where a majority rules. */
  readonly group: string;
}

/** The members with their groups and weights, as the text of the configuration has them. */
export function memberRows({ members, text }: Pick<ConfigView, 'members' | 'text'>): readonly MemberRow[] {
  const lines = text.split('\n');
  const groups = lines.flatMap((line) => {
    const [, group, sids] = /^group\.(\d+)=(.*)$/.exec(line) ?? [];
    return (sids?.split(':') ?? []).map((sid) => [sid, group] as const);
  });
  const groupOf = new Map(groups);
  const weightOf = new Map(
    lines.flatMap((line) => {
      const [, sid = '', weight = ''] = /^weight\.(\d+)=(.*)$/.exec(line) ?? [];
      return sid === '' ? [] : [[sid, weight] as const];
    }),
  );
  return members.map(({ sid, role }) => {
    const group = groupOf.get(String(sid));
    return {
      sid,
      role,
      group: group === undefined ? '' : `group ${group}, weight ${weightOf.get(String(sid)) ?? '1'}`,
    };
  });
}
