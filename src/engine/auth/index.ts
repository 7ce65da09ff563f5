/** Who a connection is, and what that lets it do. */
export { checkACL, fixupACL } from './acl.ts';
export { digestId, handleAuthentication, userName } from './providers.ts';
