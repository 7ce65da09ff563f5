/** What `envi` tells (`Environment.list`). A lab has neither Java nor an operating system: such properties are not there. */
import { VERSION } from './facts.ts';
import type { MonitoredServer, Subject } from './monitored.ts';

const NOT_THERE = '<NA>';
const PROPERTIES = [
  'java.version',
  'java.vendor',
  'java.home',
  'java.class.path',
  'java.library.path',
  'java.io.tmpdir',
  'java.compiler',
] as const;
const REST = [
  'os.arch',
  'os.version',
  'user.name',
  'user.home',
  'user.dir',
  'os.memory.free',
  'os.memory.max',
  'os.memory.total',
] as const;

export function environment({ ctx }: Subject<MonitoredServer | null>): readonly (readonly [string, string])[] {
  return [
    ['zookeeper.version', VERSION],
    ['host.name', `s${ctx.sid}`],
    ...PROPERTIES.map((name) => [name, NOT_THERE] as const),
    ['os.name', 'Zabscope'],
    ...REST.map((name) => [name, NOT_THERE] as const),
  ];
}
