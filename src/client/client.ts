/**
 * A client process: one handle at a time (src/client/cnxn.ts), the calls made on it, and a zkCli
 * console. Commands come from a person, a scenario or a lesson; what the process does are outputs.
 */
import { unreachable } from '../protocol/assert.ts';
import type { KeeperError } from '../protocol/errors.ts';
import type { ClientEvent, ClientOp, ClientState, TraceMultiResult, TraceResult } from '../protocol/events.ts';
import type { EventRef, Sid } from '../protocol/ids.ts';
import type { MultiResult, OperationResult } from '../protocol/operations.ts';
import type { RuleId } from '../protocol/rules/index.ts';
import type { VirtualTime } from '../protocol/time.ts';
import { toTraceData } from '../protocol/trace-data.ts';
import { ProcessContext } from '../process/context.ts';
import type { ProcessOutput } from '../process/io.ts';
import type { Outcome } from './call.ts';
import { ClientCnxn } from './cnxn.ts';
import { Console } from './console/console.ts';
import { toOperation, type Refused } from './operations.ts';
import type { ClientCommand, ClientEngine, ClientInit, ClientInput } from './types.ts';

/** An outcome as a caller inside this process gets it; `reason`: the client itself refused. */
export interface CallOutcome extends Outcome {
  readonly reason?: string;
  /** The exception that the Java client throws. */
  readonly throws?: string;
  /** The client made the error without asking a server. */
  readonly client?: true;
}

export class ZooKeeperClient implements ClientEngine {
  readonly #ctx: ProcessContext<ClientEvent>;
  readonly #console: Console;
  readonly #init: ClientInit;
  #servers: readonly Sid[];
  #sessionTimeout: number;
  #cnxn: ClientCnxn;
  /** The handle was told to connect while it was closing: a new one follows it. */
  #reopen = false;
  #nextCall = 0;

  constructor(init: ClientInit) {
    this.#ctx = new ProcessContext<ClientEvent>(init);
    this.#init = init;
    this.#servers = init.servers;
    this.#sessionTimeout = init.sessionTimeout;
    this.#cnxn = this.#newHandle(init.resume);
    this.#console = new Console({
      ctx: this.#ctx,
      call: (request, causes, done) => this.#call(request, causes, done),
      isAlive: () => this.#cnxn.alive,
      servers: init.servers,
      connect: (servers) => this.#startHandle(servers ?? this.#servers),
      exit: () => this.#ctx.exit('quit'),
    });
  }

  step(now: VirtualTime, input: ClientInput): readonly ProcessOutput[] {
    return this.#ctx.step(now, input.cause, () => {
      this.#handle(input);
      if (this.#reopen && !this.#cnxn.alive) this.#startHandle(this.#servers);
      this.#cnxn.run();
    });
  }

  /** The state of the handle, as `ZooKeeper.getState` tells it. */
  get state(): ClientState {
    return this.#cnxn.state;
  }

  #handle(input: ClientInput): void {
    switch (input.type) {
      case 'boot':
        this.#cnxn.start();
        return;
      case 'connected':
        this.#cnxn.onConnected(input.conn);
        return;
      case 'connect-failed':
        this.#cnxn.onConnectFailed(input.conn);
        return;
      case 'packet':
        this.#cnxn.onPacket(input.conn, input.packet);
        return;
      case 'closed':
        this.#cnxn.onClosed(input.conn);
        return;
      case 'timer':
        this.#ctx.takeTimer(input.timer)?.();
        return;
      case 'command':
        this.#command(input.command);
        return;
      default:
        unreachable(input);
    }
  }

  #command(command: ClientCommand): void {
    switch (command.do) {
      case 'request':
        this.#call(command.request, [], () => undefined);
        return;
      case 'batch':
        for (const request of command.requests) this.#call(request, [], () => undefined);
        return;
      case 'console':
        this.#console.line(command.line);
        return;
      case 'connect':
        this.#connect(command.server, command.sessionTimeout);
        return;
      default:
        unreachable(command);
    }
  }

  #connect(server: Sid | null, sessionTimeout: number | null): void {
    if (sessionTimeout !== null) this.#sessionTimeout = sessionTimeout;
    if (server !== null) this.#servers = startingWith(server, this.#servers);
    if (!this.#cnxn.alive) this.#startHandle(this.#servers);
    else if (this.#cnxn.closing) this.#reopen = true;
    else this.#cnxn.reconnect(server, sessionTimeout);
  }

  #newHandle(resume?: ClientInit['resume']): ClientCnxn {
    const { readOnly = false, chroot = '', localExpiry = true } = this.#init;
    return new ClientCnxn(this.#ctx, {
      servers: this.#servers,
      sessionTimeout: this.#sessionTimeout,
      readOnly,
      chroot,
      localExpiry,
      ...(resume ? { resume } : {}),
      onEvent: (event) => this.#console.watchEvent(event),
    });
  }

  /** `new ZooKeeper(servers, sessionTimeout)`; the old handle must be dead. */
  #startHandle(servers: readonly Sid[]): void {
    this.#reopen = false;
    this.#servers = servers;
    this.#cnxn = this.#newHandle();
    this.#cnxn.start();
  }

  #call(request: ClientOp, causes: readonly EventRef[], done: (outcome: CallOutcome) => void): void {
    const call = this.#nextCall++;
    const ref = this.#ctx.emit({ kind: 'call', call, request }, { causes });
    const end = (outcome: CallOutcome, rule: RuleId | undefined): void => {
      const { error, zxid, server, result, ...refusal } = outcome;
      this.#ctx.emit(
        { kind: 'returned', call, request, server, zxid, error, result: toTraceResult(error, result), ...refusal },
        rule === undefined ? { causes: [ref] } : { causes: [ref], rule },
      );
      done(outcome);
    };

    const checked = toOperation(request);
    if (!checked.ok) {
      end(refusalOf(checked), 'client.arguments');
    } else if (checked.operation.op === 'closeSession' && !this.#cnxn.alive) {
      // Closing a dead handle does nothing (`ZooKeeper.close`).
      end({ error: null, result: null, zxid: null, server: null }, 'client.close');
    } else {
      this.#cnxn.submit(checked.operation, ref, (outcome) => end(outcome, ruleOf(outcome)), checked);
    }
  }
}

function refusalOf({ error, reason, throws, results }: Refused): CallOutcome {
  return {
    ...{ error, reason, zxid: null, server: null },
    result: results ? { results } : null,
    ...(throws === undefined ? { client: true } : { throws }),
  };
}

/** Of what no server answered. */
function ruleOf({ error, zxid }: Outcome): RuleId | undefined {
  if (zxid !== null || error === null) return undefined;
  if (error === 'AUTHFAILED') return 'client.auth-failed';
  if (error === 'NOWATCHER') return 'client.no-watcher';
  return error === 'SESSIONEXPIRED' ? 'client.dead-handle' : 'client.connection-loss';
}

/** Of a failure only the results of a multi. */
function toTraceResult(error: KeeperError | null, result: OperationResult | null): TraceResult | null {
  if (result === null) return null;
  const { data, results, ...rest } = result;
  const parts = results ? { results: results.map(toTracePart) } : {};
  if (error !== null) return results ? parts : null;
  return { ...rest, ...parts, ...(data === undefined ? {} : { data: toTraceData(data) }) };
}

function toTracePart(part: MultiResult): TraceMultiResult {
  return part.op === 'getData' ? { ...part, data: toTraceData(part.data) } : part;
}

function startingWith(server: Sid, servers: readonly Sid[]): readonly Sid[] {
  const at = servers.indexOf(server);
  return at < 0 ? [server, ...servers] : [...servers.slice(at), ...servers.slice(0, at)];
}
