/**
 * Defects: rules of the protocol that a lab can be told to break. Each is one switch at the place of its rule
 * (`ctx.broken('…')` in engine or client) and nowhere else; a checker of src/check catches what comes of it.
 */
import type { RuleId } from './rules/index.ts';

export interface DefectFacts {
  /** What the broken process does, in one plain sentence. */
  readonly says: string;
  /** The rule that it breaks. */
  readonly breaks: RuleId;
  /** The real bug that this was, if it was one: `ZOOKEEPER-4643`. */
  readonly history?: string;
}

const TABLE = {
  'commit-without-quorum': {
    says: 'The leader commits a proposal as soon as its own log has it.',
    breaks: 'zab.commit-quorum',
  },
  'ack-before-fsync': {
    says: 'A server acknowledges a proposal before its log is on disk.',
    breaks: 'zab.ack-after-fsync',
  },
} as const satisfies Record<string, DefectFacts>;

export type Defect = keyof typeof TABLE;
export const DEFECTS: Readonly<Record<Defect, DefectFacts>> = TABLE;
export const DEFECT_NAMES = Object.keys(TABLE) as readonly Defect[];
