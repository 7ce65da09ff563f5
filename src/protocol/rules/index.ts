/**
 * The one table of rules. Events name the rule that was applied, and the interface shows its sentence and
 * source. A rule that no single event shows, such as an order that always holds, is there for the tests:
 * the id of every rule stands in the title of a test that proves it.
 */
import { ACL_RULES } from './acl.ts';
import { CLIENT_RULES } from './client.ts';
import { FLE_RULES } from './election.ts';
import { LAB_RULES } from './lab.ts';
import { MONITOR_RULES } from './monitor.ts';
import { RECONFIG_RULES } from './reconfig.ts';
import { OPERATION_RULES } from './operation.ts';
import { QUOTA_RULES } from './quota.ts';
import { REQUEST_RULES } from './request.ts';
import type { Rule } from './rule.ts';
import { SESSION_RULES } from './session.ts';
import { STORAGE_RULES } from './storage.ts';
import { WATCH_RULES } from './watch.ts';
import { WIRE_RULES } from './wire.ts';
import { ZAB_RULES } from './zab.ts';

export type { Rule } from './rule.ts';

const TABLE = {
  ...FLE_RULES,
  ...ZAB_RULES,
  ...RECONFIG_RULES,
  ...REQUEST_RULES,
  ...OPERATION_RULES,
  ...SESSION_RULES,
  ...ACL_RULES,
  ...QUOTA_RULES,
  ...WATCH_RULES,
  ...STORAGE_RULES,
  ...CLIENT_RULES,
  ...WIRE_RULES,
  ...MONITOR_RULES,
  ...LAB_RULES,
} as const;

export type RuleId = keyof typeof TABLE;
export const RULES: Readonly<Record<RuleId, Rule>> = TABLE;
