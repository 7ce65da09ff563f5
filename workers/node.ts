// A worker thread of Node: one actor.
import { serveActor } from '../src/lab/hosts/node-worker.ts';
import { createProcess } from '../src/lab/hosts/processes.ts';

serveActor(createProcess);
