// A Web Worker: one actor.
import { serveActor } from '../src/lab/hosts/browser-worker.ts';
import { createProcess } from '../src/lab/hosts/processes.ts';

serveActor(createProcess);
