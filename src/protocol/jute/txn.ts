/** Logged transactions as bytes: header, record of its type, digest (`SerializeUtils.serializeRequest`, `deserializeTxn`). */
import { unreachable } from '../assert.ts';
import { ERROR_CODES, errorName } from '../errors.ts';
import { OP_CODES } from '../operations.ts';
import type { LoggedTxn, Txn, TxnType } from '../txns.ts';
import { isTTL } from '../znode.ts';
import { JuteError, JuteReader, JuteWriter } from './codec.ts';
import {
  checkVersionTxn,
  closeSessionTxn,
  createContainerTxn,
  createSessionTxn,
  createTTLTxn,
  createTxn,
  deleteTxn,
  errorTxn,
  multiTxn,
  setACLTxn,
  setDataTxn,
  txnDigest,
  txnHeader,
} from './records.ts';

/** The number in the header of a transaction. */
const TXN_TYPES: Readonly<Record<TxnType, number>> = {
  create: OP_CODES.create,
  create2: OP_CODES.create2,
  createContainer: OP_CODES.createContainer,
  createTTL: OP_CODES.createTTL,
  delete: OP_CODES.delete,
  deleteContainer: OP_CODES.deleteContainer,
  setData: OP_CODES.setData,
  reconfig: OP_CODES.reconfig,
  setACL: OP_CODES.setACL,
  check: OP_CODES.check,
  multi: OP_CODES.multi,
  createSession: OP_CODES.createSession,
  closeSession: OP_CODES.closeSession,
  error: OP_CODES.error,
};
const TYPE_NAMES = new Map(Object.entries(TXN_TYPES).map(([type, code]) => [code, type as TxnType]));

/** Taken up again for each transaction: every server writes every one, and making room costs more than writing. */
const out = new JuteWriter();

/** The bytes that a log record or a PROPOSAL carries. */
export function encodeTxn({ header, txn, digest }: LoggedTxn): Uint8Array {
  out.restart();
  txnHeader.write(out, { ...header, type: TXN_TYPES[txn.type] });
  writeTxn(out, txn);
  if (digest) txnDigest.write(out, digest);
  return out.finish();
}

/**
 * The inverse of {@link encodeTxn}.
 * @throws JuteError
 */
export function decodeTxn(bytes: Uint8Array): LoggedTxn {
  const input = new JuteReader(bytes);
  const { type, ...header } = txnHeader.read(input);
  const txn = readTxn(type, input);
  const digest = input.remaining === 0 ? null : txnDigest.read(input);
  if (input.remaining !== 0) throw new JuteError(`${input.remaining} bytes behind a transaction`);
  return digest ? { header, txn, digest } : { header, txn };
}

/** The record of a transaction, without header. */
function writeTxn(out: JuteWriter, txn: Txn): void {
  switch (txn.type) {
    case 'create':
    case 'create2':
      createTxn.write(out, txn);
      break;
    case 'createContainer':
      createContainerTxn.write(out, txn);
      break;
    case 'createTTL':
      createTTLTxn.write(out, txn);
      break;
    case 'delete':
    case 'deleteContainer':
      deleteTxn.write(out, txn);
      break;
    case 'setData':
    case 'reconfig':
      setDataTxn.write(out, txn);
      break;
    case 'setACL':
      setACLTxn.write(out, txn);
      break;
    case 'check':
      checkVersionTxn.write(out, txn);
      break;
    case 'multi':
      multiTxn.write(out, {
        txns: txn.txns.map((part) => ({ type: TXN_TYPES[part.type], data: encodeTxnRecord(part) })),
      });
      break;
    case 'createSession':
      createSessionTxn.write(out, { timeOut: txn.timeout });
      break;
    case 'closeSession':
      closeSessionTxn.write(out, txn);
      break;
    case 'error':
      errorTxn.write(out, { err: ERROR_CODES[txn.error] });
      break;
    default:
      unreachable(txn);
  }
}

/** The bytes of a transaction's record alone, as a multi holds its parts. */
export function encodeTxnRecord(txn: Txn): Uint8Array {
  const out = new JuteWriter();
  writeTxn(out, txn);
  return out.finish();
}

function readTxn(code: number, input: JuteReader, inMulti = false): Txn {
  const type = TYPE_NAMES.get(code);
  switch (type) {
    case 'create':
    case 'create2':
      return { type, ...createTxn.read(input) };
    case 'createContainer':
      return { type, ...createContainerTxn.read(input) };
    case 'createTTL':
      return { type, ...withTTL(createTTLTxn.read(input)) };
    case 'delete':
    case 'deleteContainer':
      return { type, ...deleteTxn.read(input) };
    case 'setData':
    case 'reconfig':
      return { type, ...setDataTxn.read(input) };
    case 'setACL':
      return { type, ...setACLTxn.read(input) };
    case 'check':
      return { type, ...checkVersionTxn.read(input) };
    case 'multi':
      if (inMulti) throw new JuteError('a multi inside a multi');
      return { type, txns: multiTxn.read(input).txns.map(({ type: part, data }) => readPart(part, data)) };
    case 'createSession':
      return { type, timeout: createSessionTxn.read(input).timeOut };
    case 'closeSession':
      // Servers before 3.6, and some settings since, log it without a record.
      return { type, paths2Delete: input.remaining === 0 ? [] : closeSessionTxn.read(input).paths2Delete };
    case 'error': {
      const { err } = errorTxn.read(input);
      const error = errorName(err);
      if (error === null) throw new JuteError(`error code ${err} is unknown`);
      return { type, error };
    }
    case undefined:
      throw new JuteError(`transaction type ${code} is unknown`);
    default:
      return unreachable(type);
  }
}

/** The real server ends at a time to live that it could not have given. */
function withTTL<T extends { readonly ttl: number }>(txn: T): T {
  if (!isTTL(txn.ttl)) throw new JuteError(`${txn.ttl} ms are no time to live`);
  return txn;
}

function readPart(code: number, data: Uint8Array | null): Txn {
  const input = new JuteReader(data ?? new Uint8Array(0));
  const txn = readTxn(code, input, true);
  if (input.remaining !== 0) throw new JuteError(`${input.remaining} bytes behind a part of a multi`);
  return txn;
}
