import type { Rule } from './rule.ts';

/** Rules `lab.*`: what the simulated machines, their network and their disks do. */
export const LAB_RULES = {
  'lab.cut-loses': {
    says: 'Cutting a link loses what is in flight on it; neither end is told.',
    source: 'RFC 9293, section 3.8: a lost segment is noticed only by the missing acknowledgement',
  },
  'lab.tcp-retransmit': {
    says: 'When a link heals, TCP sends again what the cut kept from arriving, in order, on connections that are still open.',
    source: 'RFC 9293, section 3.8.1 (here at once: the back-off of RFC 6298 is left out)',
  },
  'lab.hold': {
    says: 'The lab holds this packet back, and all behind it on its connection but heartbeats: the packet is late, not the connection.',
    source: 'Zabscope action `hold`',
  },
  'lab.release': { says: 'The lab lets a held packet go.', source: 'Zabscope action `release`' },
  'lab.drop-breaks': {
    says: 'TCP cannot lose one packet and go on: a dropped packet breaks its connection for both ends.',
    source: 'Zabscope actions `drop` and `drop-connection`',
  },
  'lab.close-loses': {
    says: 'A packet for a closed connection reaches nobody; the machine answers with a reset.',
    source: 'RFC 9293, section 3.5.2',
  },
  'lab.kill-loses': {
    says: 'A process that dies takes with it what it had not read and what still waited to be sent.',
    source: 'Zabscope action `kill`',
  },
  'lab.write-back': {
    says: 'What nobody fsyncs the operating system makes durable by itself, some seconds after it was written.',
    source: 'Linux: vm.dirty_writeback_centisecs',
  },
  'lab.unsynced-lost': {
    says: 'What was not fsynced when the machine died is gone, whole or torn.',
    source: 'fsync(2); FileTxnLog.commit',
  },
} as const satisfies Record<`lab.${string}`, Rule>;
