// What a worker_threads host starts: Node 20 ignores `--import tsx` for the entry point of a worker, so TypeScript is registered in the worker.
import { register } from 'tsx/esm/api';

register();
await import('./node.ts');
