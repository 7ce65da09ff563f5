/** Checkers: what must hold in every run, looked at event by event. */
export { brokenProperties, Checks } from './checks.ts';
export { KNOWN_BUGS, type KnownBug } from './known-bugs.ts';
export { PROPERTIES, PROPERTY_NAMES, type Property, type PropertyFacts } from './properties.ts';
export type { Checker, Finding, Report, Violation } from './types.ts';
