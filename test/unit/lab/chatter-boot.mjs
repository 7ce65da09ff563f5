// What a worker thread of the lab's tests starts: as workers/node-boot.mjs, with the processes that the tests use.
import { register } from 'tsx/esm/api';

register();
await import('./chatter-worker.ts');
