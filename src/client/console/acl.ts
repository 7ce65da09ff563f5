/** zkCli's commands on permissions and identities (`GetAclCommand`, `SetAclCommand`, `AddAuthCommand`, `WhoAmICommand`). */
import { aclLines, parseAcl } from './acl-text.ts';
import { codeLine, statLines } from './format.ts';
import { ask, intOption, pathOf, tryAsk, type Command, type CommandLine, type Shell, type Steps } from './shell.ts';
import { visitSubTree } from './tree.ts';

export const ACL_COMMANDS: readonly Command[] = [
  {
    name: 'getAcl',
    usage: '[-s] path',
    says: 'Prints who may do what with a znode.',
    options: [{ name: 's', says: 'stats' }],
    words: ['path'],
    least: 1,
    run: getAcl,
  },
  {
    name: 'setAcl',
    usage: '[-s] [-v version] [-R] path acl',
    says: 'Replaces the permissions of a znode, as in world:anyone:cdrwa; -R of its whole subtree.',
    options: [
      { name: 's', says: 'stats' },
      { name: 'v', takesValue: true, says: 'version' },
      { name: 'R', says: 'recursive' },
    ],
    words: ['path', 'acl'],
    least: 2,
    run: setAcl,
  },
  {
    name: 'addauth',
    usage: 'scheme auth',
    says: 'Gives this session an identity, as in addauth digest user:password.',
    options: [],
    words: [['digest']],
    least: 1,
    run: addAuth,
  },
  {
    name: 'whoami',
    usage: '',
    says: 'Lists the identities that the server knows of this session.',
    options: [],
    words: [],
    least: 0,
    unparsed: true,
    run: whoAmI,
  },
];

function* getAcl(shell: Shell, line: CommandLine): Steps {
  const path = pathOf(shell, line);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'getAcl', path });
  if (!reply) return;
  const { acl = [], stat } = reply.result ?? {};
  shell.print(...acl.flatMap(aclLines), ...(stat && line.options.has('s') ? statLines(stat) : []));
}

function* setAcl(shell: Shell, line: CommandLine): Steps {
  const { options, args } = line;
  const { acl, complaints } = parseAcl(args[2] ?? '');
  shell.print(...complaints);
  const version = intOption(shell, line, 'v', -1);
  if (version === null) return;
  const path = pathOf(shell, line);
  if (path === null) return;
  if (options.has('R')) {
    const failure = yield* visitSubTree(path, false, function* (visited) {
      // A failure is told, and the walk goes on. zkCli does not even begin a new line for the next one.
      const line = acl.length === 0 ? codeLine('INVALIDACL', null) : yield* trySetAcl(visited);
      if (line !== null) shell.print(line);
      return null;
    });
    if (failure !== null) shell.print(failure);
    return;
  }
  if (acl.length === 0) return shell.print('Acl is not valid : null');
  const reply = yield* ask(shell, { op: 'setAcl', path, acl, version });
  if (reply?.result?.stat && options.has('s')) shell.print(...statLines(reply.result.stat));

  function* trySetAcl(visited: string): Steps<string | null> {
    const { error, reason } = yield* tryAsk({ op: 'setAcl', path: visited, acl, version });
    return error === null ? null : (reason ?? codeLine(error, visited));
  }
}

/** Does not wait: a refusal comes as the event AuthFailed (`ZooKeeper.addAuthInfo`). */
// eslint-disable-next-line require-yield -- nothing is waited for
function* addAuth(shell: Shell, { args }: CommandLine): Steps {
  const [, scheme = '', auth = null] = args;
  shell.send({ op: 'addauth', scheme, ...(auth === null ? {} : { auth }) });
}

/** After a failure there is just the heading (`ZooKeeper.whoAmI` does not look at the error). */
function* whoAmI(shell: Shell): Steps {
  const { result } = yield* tryAsk({ op: 'whoami' });
  shell.print('Auth scheme: User', ...(result?.ids ?? []).map(({ scheme, user }) => `${scheme}: ${user}`));
}
