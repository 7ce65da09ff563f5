/** What can go wrong with a disk, as the sandbox offers it. Pure. */
import type { ActionBody } from '../../lab/index.ts';
import { plural } from '../state/undo.ts';
import type { ServerView } from '../../trace/index.ts';

export type DiskFault = 'full' | 'tail' | 'byte' | 'remove' | 'wipe';
/** What a fault has to be told. */
type Wants = 'nothing' | 'log' | 'file and offset' | 'files';

export const DISK_FAULTS: Readonly<
  Record<
    DiskFault,
    { readonly label: string; readonly needsDown: boolean; readonly wants: Wants; readonly says: string }
  >
> = {
  full: { label: 'is full', needsDown: false, wants: 'nothing', says: 'Every write fails until there is room again.' },
  tail: {
    label: 'torn tail',
    needsDown: true,
    wants: 'log',
    says: 'The last write is there in part, as after a crash: recovery leaves it out.',
  },
  byte: {
    label: 'corrupt byte',
    needsDown: true,
    wants: 'file and offset',
    says: 'One byte changes. Checksums tell, when the server reads the file.',
  },
  remove: { label: 'files removed', needsDown: true, wants: 'files', says: 'Gone, as if somebody had tidied up.' },
  wipe: {
    label: 'wiped',
    needsDown: true,
    wants: 'nothing',
    says: 'Nothing is left: the server has forgotten its promises.',
  },
};

interface File {
  readonly name: string;
  readonly bytes: { readonly length: number };
}

export interface FileChoice {
  readonly name: string;
  readonly words: string;
}

/** All of a kind; a name that ends in `*` means all that begin so. */
const KINDS = ['version-2/log.*', 'version-2/snapshot.*', 'version-2/*'] as const;

/** Which of the files on a disk a fault can be about, and the words for them. The lab makes `myid` itself. */
export function fileChoices(files: readonly File[], wants: Wants): readonly FileChoice[] {
  if (wants === 'nothing') return [];
  const single = files
    .filter(({ name }) => name !== 'myid' && (wants !== 'log' || name.includes('/log.')))
    .map(({ name, bytes }) => ({ name, words: `${name} (${plural(bytes.length, 'byte')})` }));
  if (wants === 'log') return [...single].reverse();
  if (wants !== 'files') return single;
  const many = KINDS.flatMap((name) => {
    const count = files.filter((file) => file.name.startsWith(name.slice(0, -1))).length;
    return count > 1 ? [{ name, words: `${name} (${count} files)` }] : [];
  });
  return [...single, ...many];
}

/** The action of a fault. A disk that is full gets room again. */
export function diskAction(
  fault: DiskFault,
  { sid: server, diskFull }: Pick<ServerView, 'sid' | 'diskFull'>,
  file: string,
  offset: number,
): ActionBody {
  switch (fault) {
    case 'full':
      return { do: 'disk-full', server, full: !diskFull };
    case 'tail':
      return { do: 'corrupt', server, file, offset: 'tail' };
    case 'byte':
      return { do: 'corrupt', server, file, offset };
    case 'remove':
      return { do: 'remove-file', server, file };
    case 'wipe':
      return { do: 'wipe', server };
  }
}
