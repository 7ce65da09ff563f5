export { isStandalone, StandaloneServer } from './standalone-server.ts';
