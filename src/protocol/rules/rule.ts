/** One protocol rule: what it says, and where Apache ZooKeeper or a paper has it. */
export interface Rule {
  /** One sentence for learners, in the present tense. */
  readonly says: string;
  /** Class and method in Apache ZooKeeper, or section of a paper. */
  readonly source: string;
}
