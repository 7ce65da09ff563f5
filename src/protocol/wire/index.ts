/** The client protocol of ZooKeeper as bytes. */
export {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  frameLength,
  replyBound,
  type WireContext,
} from './frames.ts';
export { requestHeader } from './records.ts';
export { fromHex, toHex } from './values.ts';
