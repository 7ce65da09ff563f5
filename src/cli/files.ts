/** Files that a command is given by name. */
import { accessSync, constants, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file that cannot be used: told in one sentence, exit code 2. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** The text of a file. @throws FileError */
export function readText(file: string): string {
  return using(`cannot read ${file}`, 'no such file', () => readFileSync(file, 'utf8'));
}

/** The bytes of a file. @throws FileError */
export function readBytes(file: string): Uint8Array {
  return using(`cannot read ${file}`, 'no such file', () => readFileSync(file));
}

/** Does the writing of `file`. @throws FileError */
export function writing(file: string, work: () => void): void {
  using(`cannot write ${file}`, 'no such folder', work);
}

/** An empty file, open to be written: before long work, so that it is not done in vain. @throws FileError */
export function openToWrite(file: string): number {
  return using(`cannot write ${file}`, 'no such folder', () => openSync(file, 'w'));
}

/** Makes sure that files can be written to `folder`, which need not be there yet: before long work, too. @throws FileError */
export function writable(folder: string): void {
  using(`cannot write to ${folder}`, 'no such folder', () => {
    let nearest = path.resolve(folder);
    while (!existsSync(nearest)) nearest = path.dirname(nearest);
    if (!statSync(nearest).isDirectory()) throw new Error(`${nearest} is no folder`);
    accessSync(nearest, constants.W_OK);
  });
}

function using<T>(what: string, missing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: missing,
      ENOTDIR: missing,
      EISDIR: 'it is a folder',
      EACCES: 'permission denied',
      EROFS: 'the file system is read-only',
    };
    throw new FileError(`${what}: ${reasons[code] ?? (error instanceof Error ? error.message : String(error))}`);
  }
}
