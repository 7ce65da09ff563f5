/** Defects in groups, by the area of the protocol that their rules are of. Pure. */
import { DEFECTS } from '../../protocol/defect-facts.ts';
import { DEFECT_NAMES, type Defect } from '../../protocol/defects.ts';

/** In the order of a server's life. The first group with a prefix of the rule's id has it. */
const AREAS: readonly (readonly [title: string, prefixes: readonly string[]])[] = [
  ['Election', ['fle.']],
  [
    'Broadcast',
    [
      'zab.propose',
      'zab.ack-after',
      'zab.ack-count',
      'zab.commit',
      'zab.inform',
      'zab.role',
      'zab.ping',
      'request.rollover',
    ],
  ],
  ['Discovery and synchronization', ['zab.']],
  ['Storage', ['storage.']],
  ['Sessions and watches', ['session.', 'watch.', 'request.watch']],
  ['Clients and their requests', ['client.', 'request.']],
  ['Reconfiguration', ['reconfig.', 'config.']],
  ['The tree of znodes', ['']],
];
const SHOWN = ['Election', 'Discovery and synchronization', 'Broadcast'];

export interface DefectGroup {
  readonly title: string;
  readonly defects: readonly Defect[];
}

/** Every defect once; groups that have one. */
export function groupDefects(names: readonly Defect[] = DEFECT_NAMES): readonly DefectGroup[] {
  const areaOf = (name: Defect): string =>
    AREAS.find(([, prefixes]) => prefixes.some((prefix) => DEFECTS[name].breaks.startsWith(prefix)))?.[0] ?? '';
  const titles = [...SHOWN, ...AREAS.map(([title]) => title).filter((title) => !SHOWN.includes(title))];
  return titles
    .map((title) => ({ title, defects: names.filter((name) => areaOf(name) === title) }))
    .filter(({ defects }) => defects.length > 0);
}
