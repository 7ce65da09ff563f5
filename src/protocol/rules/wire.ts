import type { Rule } from './rule.ts';

/** Rules of what goes over a client's connection: sizes, and bytes that are no packet. */
export const WIRE_RULES = {
  'request.max-buffer': {
    says: 'A packet longer than jute.maxbuffer is not read: the server closes the connection, and the session lives on.',
    source: 'NIOServerCnxn.readLength',
  },
  'request.bad-frame': {
    says: 'Bytes that are no packet close the connection, and the session lives on.',
    source: 'NIOServerCnxn.doIO',
  },
  'client.max-buffer': {
    says: 'An answer longer than the client’s own jute.maxbuffer, 1,048,575 bytes, costs the connection.',
    source: 'ClientCnxnSocket.readLength',
  },
} as const satisfies Record<`request.${string}` | `client.${string}`, Rule>;
