/** Clients' connections of a server. */
export { ServerCnxnFactory } from './server-cnxn-factory.ts';
