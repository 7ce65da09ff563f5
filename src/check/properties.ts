/**
 * The properties that every run is checked for. Names and meaning: TLA+ specifications of ZAB and of ZooKeeper 3.7
 * (`Zab.tla`, `ZkV3_7_0.tla`), the mixed specification of Disalg (`mixed_v1.tla`), Apache ZooKeeper's code, and its
 * documents zookeeperInternals and zookeeperProgrammers.
 */
export interface PropertyFacts {
  /** What always holds, in one plain sentence. */
  readonly says: string;
  /** Where it is stated. */
  readonly source: string;
}

const TABLE = {
  Leadership1: {
    says: 'An epoch has at most one established leader at a time.',
    source: 'Zab.tla, ZkV3_7_0.tla: Leadership1',
  },
  Leadership2: {
    says: 'An epoch is led by one server only, over all time.',
    source: 'Zab.tla, ZkV3_7_0.tla: Leadership2',
  },
} as const satisfies Record<string, PropertyFacts>;

export type Property = keyof typeof TABLE;
export const PROPERTIES: Readonly<Record<Property, PropertyFacts>> = TABLE;
export const PROPERTY_NAMES = Object.keys(TABLE) as readonly Property[];
