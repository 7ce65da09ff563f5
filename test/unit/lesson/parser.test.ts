import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  atomsOf,
  parseCondition,
  sentenceOf,
  type Condition,
  type Names,
} from '../../../src/lesson/condition/index.ts';

const names: Names = {
  servers: new Set(['s1', 's2', 's3']),
  clients: new Set(['A', 'B']),
  questions: new Set(['raft']),
};

function parse(source: string): Condition {
  const parsed = parseCondition(source, names);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.condition;
}

function refusal(source: string): string {
  const parsed = parseCondition(source, names);
  return parsed.ok ? 'accepted' : parsed.reason;
}

describe('conditions', () => {
  test.each([
    // As the curriculum writes them, those of lessons to come among them.
    'op{A,create,/app,OK} ∧ node(s1,/app).data=node(s2,/app).data=node(s3,/app).data="hello"',
    'node(/app).children={db} ∧ node(/app).data="hello"',
    'op{A,get,/app,OK} ∧ inspect(propose{path:/app})',
    'hold node(/lib).children={x,y} ∧ node(/app)=null ∧ count(op{A})≤4',
    'count(op{set,/cfg,OK})=1 ∧ count(op{set,/cfg,BADVERSION})=1',
    'inspect(propose{type:error})',
    'op{A,create,NOCHILDRENFOREPHEMERALS}',
    'open{A} ∧ commit{type:createSession}',
    'move{A} ∧ hold session(A)=CONNECTED ∧ node(/live/A)≠null',
    'crash{s2} then move{A} ∧ hold session(A)=CONNECTED ∧ sid(A) unchanged',
    'hold leader≠null ∧ epoch=2 ∧ session(A)=CONNECTED ∧ never expire{A}',
    'closed{A} then node(/live/A)=null',
    'expire{A} then fire{B,NodeChildrenChanged,/live}',
    'node(/live/A).owner=sid(A) ∧ ¬ sid(A)=start(sid(A))',
    'op{B,set,OK} ∧ never fire{A} within 2 s',
    'op{A,get,val:"v2"} ∧ watches(s1,/cfg)=1',
    '(never fire{A} before op{B,create}) ∧ fire{A,NodeChildrenChanged,/cfg}',
    'forward{from:s1}',
    'log{s2,z} then ack{s2,z}',
    'apply{s1,z} then op{A,create,/x,OK,by:s1}',
    'op{B,set,OK,by:s3} ∧ never forward',
    'propose{z} ∧ never commit{z} ∧ stepdown{s3} ∧ op{B,set,CONNECTIONLOSS} ∧ hold leader=null',
    '(count(crash)=3 ∧ leader=null) then (count(start)=1 ∧ leader≠null)',
    'refused{A,s1,ZXID_AHEAD} ∧ never op{A,get,val:"2"}',
    'role(s1)=LOOKING for 3 s ∧ leader=null',
    'revote{s1,1,2} ∧ hold leader=s2 ∧ epoch=1',
    'logged(s1)=logged(s3)>logged(s2)',
    'sync{to:s2,mode:DIFF,n:3} ∧ node(s2,/x).data="3"',
    'elected{s2} ∧ phase(s2)=DISCOVERY ∧ leader=null',
    'ackepoch{s1} ∧ acceptedEpoch(s1)=2',
    'sync{to:s1,mode:DIFF,n:0} then newleaderAck{s1} ∧ epoch(s1)=2',
    'serving{s2,epoch:2} ∧ phase(s1)=BROADCAST',
    'hold leader≠null ∧ epoch=3 ∧ never commit{epoch:2}',
    'wipe{s1} then sync{to:s1,mode:SNAP} ∧ hold same',
    'propose{z} ∧ logged(s3)=z ∧ logged(s1)<z ∧ logged(s2)<z',
    'hold role(s3)=FOLLOWING ∧ same',
    'at(A)∈{s1,s2,s3}',
    'never commit{epoch:1} after serving{epoch:2}',
    'log{·,z} then commit{z} then apply{s1,z}',
    'start{s1} ∧ ((never op{A,set,OK} before crash) ∨ hold node(/x).data="9")',
    'forward{from:s1} ∧ inform{s2,z} ∧ never ack{s2}',
    'size(voters)=3 ∧ need=2',
    'fire{A,/cfg} within 1 s of closed{B}',
    'op{A,set,OK} then op{B,get,val:"0"}',
    'answered(raft)',
  ])('can be written as in the curriculum: %s', (source) => {
    for (const atom of atomsOf(parse(source))) expect(sentenceOf(atom)).not.toMatch(/undefined|\{|\[object/);
  });

  test('bind `then` tighter than `and`, and that tighter than `or`', () => {
    expect(parse('open{A} or crash{s1} and start{s1} then told{A}')).toMatchObject({
      type: 'or',
      parts: [{ type: 'event' }, { type: 'and', parts: [{ type: 'event' }, { type: 'then' }] }],
    });
  });

  test('let `hold` take all that follows it', () => {
    expect(parse('open{A} and hold leader = s1 and epoch = 1')).toMatchObject({
      type: 'and',
      parts: [{ type: 'event' }, { type: 'hold', condition: { type: 'and', parts: [{}, {}] } }],
    });
  });

  test('have the same meaning in signs and in words', () => {
    const withoutPlaces = (source: string) => JSON.stringify(parse(source)).replace(/"(from|to)":\d+/g, '');
    expect(withoutPlaces('open{A} ∧ ¬ leader=s1 ∨ count(crash)≥1')).toBe(
      withoutPlaces('open{A} and not leader = s1 or count(crash) >= 1'),
    );
  });

  test.each([
    ['', 'the condition ends too early (character 1 of: )'],
    ['leader = s4', 'there is no "s4" here (character 10 of: leader = s4)'],
    ['role(A) = LOOKING', 'role takes a server here (character 6 of: role(A) = LOOKING)'],
    ['role(s1) = LOKING', 'there is no "LOKING" here (character 12 of: role(s1) = LOKING)'],
    ['op{A,created,/x}', 'there is no "created" here (character 6 of: op{A,created,/x})'],
    ['op{A,create,colour:1}', 'op has no field "colour" (character 13 of: op{A,create,colour:1})'],
    ['sync{mode:FAST}', '"FAST" is not a mode (character 11 of: sync{mode:FAST})'],
    ['never', 'the condition ends too early (character 6 of: never)'],
    ['not crash{s1}', '"not" takes a state; of an event say "never" (character 5 of: not crash{s1})'],
    ['leader', 'this is neither an event nor a comparison (character 1 of: leader)'],
    ['node(/x).colour = 1', 'node has no field "colour" (character 10 of: node(/x).colour = 1)'],
    ['logged(s1) = z', 'there is no "z" here (character 1 of: logged(s1) = z)'],
    ['answered(poll)', 'there is no question "poll" (character 10 of: answered(poll))'],
    ['reconfig{z}', '"reconfig": reconfig comes with a later release (character 1 of: reconfig{z})'],
    ['metric(s1) = 1', '"metric": metrics come with a later release (character 1 of: metric(s1) = 1)'],
    ['open{A} open{B}', '"open" is too much here (character 9 of: open{A} open{B})'],
    ['role(s1)=LOOKING for 3 min', 'a time ends in ms or s (character 24 of: role(s1)=LOOKING for 3 min)'],
    ['leader ? s1', '"?" begins nothing (character 8 of: leader ? s1)'],
  ])('are refused with their place: %s', (source, reason) => {
    expect(refusal(source)).toBe(reason);
  });

  test('never make the parser throw', () => {
    const words = ['op', '{', '}', 'A', ',', '/x', '(', ')', 'and', 'then', 'never', 'hold', '=', 's1', '"a"', 'count'];
    const more = [...words, '3', 's', 'for', 'within', 'leader', 'node', '.', 'data', ':', 'z', '-', 'not', 'before'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...more), { maxLength: 12 }), (parts) => {
        expect(typeof parseCondition(parts.join(' '), names).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('sentences', () => {
  test.each([
    ['op{A,create,/app,OK}', 'A gets OK for create /app'],
    ['op{A,get,val:"v2"}', 'A gets an answer for get with the value "v2"'],
    ['revote{s1,1,2}', 's1 changes its vote from s1 to s2'],
    ['hold leader = s2', 'the leader is s2'],
    ['leader = null', 'there is no leader'],
    ['node(/app) = null', '/app does not exist'],
    ['node(s1,/app).data = "hello"', 'the data of /app on s1 is "hello"'],
    ['role(s1) = LOOKING for 3 s', 's1 is LOOKING for 3 s'],
    ['never expire{A}', 'not: the leader expires the session of A'],
    ['sid(A) unchanged', 'the session id of A is still the same'],
    ['epoch = 2', 'the epoch is 2'],
    ['count(op{A}) <= 4', 'A gets an answer for a command, at most 4 times'],
    ['inspect(propose{path:/app})', 'you look at the event: a server proposes a write to /app'],
  ])('%s: %s', (source, sentence) => {
    expect(atomsOf(parse(source)).map(sentenceOf)).toEqual([sentence]);
  });
});

test('a condition that nests too deep to be followed is refused by its length', () => {
  for (const open of ['(', 'not ', 'hold ', 'never (', 'start(']) {
    expect(parseCondition(open.repeat(10_000), names)).toEqual({
      ok: false,
      reason: `a condition has at most 1000 characters, this one ${10_000 * open.length}`,
    });
    expect(parseCondition(open.repeat(Math.floor(1000 / open.length)), names).ok).toBe(false);
  }
});
