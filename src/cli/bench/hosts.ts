/** The hosts that run beside the command line itself. */
import { InlineHost } from '../../lab/hosts/inline.ts';
import { nodeHost } from '../../lab/hosts/node.ts';
import { createProcess, type HostFactory } from '../../lab/index.ts';
import type { BenchOptions } from './benchmark.ts';

const NODE_HOSTS = {
  inline: () => new InlineHost(createProcess),
  workers: () => nodeHost(),
} as const satisfies Record<string, HostFactory>;

export type NodeHostName = keyof typeof NODE_HOSTS;

/** Those of the chosen hosts that are Node's own. */
export function nodeHosts({
  hosts,
}: BenchOptions): readonly { readonly name: NodeHostName; readonly createHost: HostFactory }[] {
  const names = (Object.keys(NODE_HOSTS) as NodeHostName[]).filter((name) => hosts.includes(name));
  return names.map((name) => ({ name, createHost: NODE_HOSTS[name] }));
}
