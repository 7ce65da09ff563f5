import { serveActor } from '../../../src/lab/hosts/node-worker.ts';
import { chatter } from './fakes.ts';

serveActor(chatter);
