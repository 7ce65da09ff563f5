/** Checkers: what must hold in every run, looked at event by event. */
export { brokenProperties, Checks } from './checks.ts';
export { PROPERTIES, PROPERTY_NAMES, type Property, type PropertyFacts } from './properties.ts';
export type { Checker, Finding, Report, Violation } from './types.ts';
