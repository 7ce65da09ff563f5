import type { Rule } from './rule.ts';

/** Rules `acl.*`: who may do what, and how a server knows who asks. */
export const ACL_RULES = {
  'acl.granted': {
    says: 'A request needs a permission of a znode’s ACL: some entry must have the permission and mean the connection that asks, else the request fails with NOAUTH.',
    source: 'ZooKeeperServer.checkACL',
  },
  'acl.permissions': {
    says: 'The permissions of an entry are a sum: READ 1, WRITE 2, CREATE 4, DELETE 8, ADMIN 16.',
    source: 'ZooDefs.Perms',
  },
  'acl.not-inherited': {
    says: 'An ACL belongs to one znode: neither do its children inherit it, nor are the ACLs on the way down to it looked at.',
    source: 'ZooKeeperServer.checkACL',
  },
  'acl.empty': {
    says: 'A znode whose ACL has no entry lets everybody do everything.',
    source: 'ZooKeeperServer.checkACL',
  },
  'acl.skip': {
    says: 'A server with skipACL checks no permission at all.',
    source: 'ZooKeeperServer.checkACL',
  },
  'acl.super': {
    says: 'A connection of the super user may do everything: who sends the user and password of superDigest is the super user.',
    source: 'ZooKeeperServer.checkACL, DigestAuthenticationProvider.handleAuthentication',
  },
  'acl.world': {
    says: 'The scheme world has one id, anyone, and that means every connection.',
    source: 'ZooKeeperServer.checkACL, PrepRequestProcessor.fixupACL',
  },
  'acl.ip': {
    says: 'The scheme ip compares the first bits of the client’s IPv4 address with those in the ACL, all 32 if no number of bits is given.',
    source: 'IPAuthenticationProvider.matches, isValid',
  },
  'acl.digest': {
    says: 'The scheme digest keeps a user and the SHA-1 of user and password in base64, and a connection that has sent both matches it.',
    source: 'DigestAuthenticationProvider.matches, isValid',
  },
  'acl.auth': {
    says: 'The scheme auth is never stored: it stands for each id that the asking connection has proved, and an address proves nothing.',
    source: 'PrepRequestProcessor.fixupACL',
  },
  'acl.invalid': {
    says: 'An ACL without entries, with an unknown scheme or an id that its scheme does not allow, or with auth from a connection that has proved nothing is refused with INVALIDACL.',
    source: 'PrepRequestProcessor.fixupACL',
  },
  'acl.duplicates': {
    says: 'An entry that an ACL names twice is stored once, and then auth is replaced, which may repeat an entry.',
    source: 'PrepRequestProcessor.removeDuplicates, fixupACL',
  },
  'acl.address': {
    says: 'Every connection is known by its client’s address from the start.',
    source: 'NIOServerCnxn constructor',
  },
  'acl.authenticated': {
    says: 'A client proves who it is to one connection, whose later requests carry it; a digest never fails, for a wrong password only makes an id that no ACL names.',
    source: 'ZooKeeperServer.processPacket, DigestAuthenticationProvider.handleAuthentication',
  },
  'acl.auth-failed': {
    says: 'A server that does not know the scheme of an auth packet, or cannot use what it carries, answers AUTHFAILED and closes the connection.',
    source: 'ZooKeeperServer.processPacket',
  },
  'acl.auth-at-once': {
    says: 'The connected server handles an auth packet when it reads it, before the request processors, so the next request already has the new id and an earlier one does not.',
    source: 'ZooKeeperServer.processPacket',
  },
  'acl.eager': {
    says: 'With enableEagerACLCheck the connected server refuses a write without permission at once, as far as its own tree tells, and the attempt takes no zxid.',
    source: 'ZooKeeperServer.authWriteRequest',
  },
  'acl.forwarded': {
    says: 'A learner sends with each request who asks, since the leader checks the permissions.',
    source: 'Learner.request, LearnerHandler.run',
  },
} as const satisfies Record<`acl.${string}`, Rule>;
