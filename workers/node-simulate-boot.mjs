// What a thread of a simulation starts: as node-boot.mjs.
import { register } from 'tsx/esm/api';

register();
await import('./node-simulate.ts');
