/** Logged transactions as bytes: header, then the record of its type (`SerializeUtils.serializeRequest`, `deserializeTxn`). */
import { unreachable } from '../assert.ts';
import { ERROR_CODES, errorName } from '../errors.ts';
import { OP_CODES } from '../operations.ts';
import type { LoggedTxn, Txn, TxnType } from '../txns.ts';
import { JuteError, JuteReader, JuteWriter } from './codec.ts';
import { closeSessionTxn, createSessionTxn, createTxn, deleteTxn, errorTxn, setDataTxn, txnHeader } from './records.ts';

/** Bytes of a TxnDigest {int version, long treeDigest}, which a real server appends; this one leaves it out. */
const DIGEST_BYTES = 12;

const TYPES: Readonly<Record<TxnType, number>> = {
  create: OP_CODES.create,
  delete: OP_CODES.delete,
  setData: OP_CODES.setData,
  createSession: OP_CODES.createSession,
  closeSession: OP_CODES.closeSession,
  error: OP_CODES.error,
};

/** The bytes that a log record or a PROPOSAL carries. */
export function encodeTxn({ header, txn }: LoggedTxn): Uint8Array {
  const out = new JuteWriter();
  txnHeader.write(out, { ...header, type: TYPES[txn.type] });
  switch (txn.type) {
    case 'create':
      createTxn.write(out, txn);
      break;
    case 'delete':
      deleteTxn.write(out, txn);
      break;
    case 'setData':
      setDataTxn.write(out, txn);
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
  return out.finish();
}

/**
 * The inverse of {@link encodeTxn}. A digest behind the record is skipped.
 * @throws JuteError
 */
export function decodeTxn(bytes: Uint8Array): LoggedTxn {
  const input = new JuteReader(bytes);
  const { type, ...header } = txnHeader.read(input);
  const txn = readTxn(type, input);
  if (input.remaining !== 0 && input.remaining !== DIGEST_BYTES)
    throw new JuteError(`${input.remaining} bytes behind a transaction`);
  return { header, txn };
}

function readTxn(type: number, input: JuteReader): Txn {
  switch (type) {
    case OP_CODES.create:
    case OP_CODES.create2:
      return { type: 'create', ...createTxn.read(input) };
    case OP_CODES.delete:
      return { type: 'delete', ...deleteTxn.read(input) };
    case OP_CODES.setData:
      return { type: 'setData', ...setDataTxn.read(input) };
    case OP_CODES.createSession:
      return { type: 'createSession', timeout: createSessionTxn.read(input).timeOut };
    case OP_CODES.closeSession:
      // Servers before 3.6, and some settings since, log it without a record.
      return {
        type: 'closeSession',
        paths2Delete: input.remaining === 0 ? [] : closeSessionTxn.read(input).paths2Delete,
      };
    case OP_CODES.error: {
      const { err } = errorTxn.read(input);
      const error = errorName(err);
      if (error === null) throw new JuteError(`error code ${err} is unknown`);
      return { type: 'error', error };
    }
    default:
      throw new JuteError(`transaction type ${type} is unknown`);
  }
}
