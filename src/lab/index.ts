/** The lab: a running ensemble with its clients, headless. Hosts are imported from src/lab/hosts. */
export type { Action, ActionBody, ActionName } from './actions.ts';
export type { ActResult, LabApi, LabFailure } from './api.ts';
export { Conductor } from './conductor.ts';
export * from './datadir/index.ts';
export { EventQueue } from './kernel/queue.ts';
export { Lab, type HostFactory } from './lab.ts';
export { decodeLink, encodeLink, LINK_MAX, type DecodedLink, type EncodedLink } from './link.ts';
export { createProcess } from './hosts/processes.ts';
export { parseAction, parseScenario, parseScenarioText, serializeScenario, type ParsedScenario } from './scenario.ts';
export { TIME_MAX } from './scenario-actions.ts';
export { SCENARIO_FORMAT, type DiskPreset, type Scenario, type ScenarioClient } from './scenario-types.ts';
export type { ActorHost } from './types.ts';
