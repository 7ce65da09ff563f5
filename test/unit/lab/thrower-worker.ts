import { serveActor } from '../../../src/lab/hosts/node-worker.ts';
import { thrower } from './fakes.ts';

serveActor(thrower);
