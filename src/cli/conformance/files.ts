/** Finds recordings below a place and reads them; a file that is none is told with its name and line. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileError, readText } from '../files.ts';
import { parseScenarioFile, type EnsembleRecording } from './ensemble-recording.ts';
import { ENSEMBLE_FORMAT, parseLine, SUITE_FORMAT, type RecordedCase } from './recording.ts';

/** One case or scenario. `name` tells those of a folder apart. */
export type Recording = { readonly file: string; readonly name: string } & (
  | { readonly kind: 'case'; readonly recorded: RecordedCase }
  | { readonly kind: 'ensemble'; readonly recorded: EnsembleRecording }
);

/** Every recording in `place`: a file, or a folder with all below it, in order of names. @throws FileError */
export function readRecordings(place: string): readonly Recording[] {
  const files = filesBelow(place);
  if (files.length === 0) throw new FileError(`no recordings below ${place}: no file there ends with .jsonl or .json`);
  return files.flatMap(readRecordingFile);
}

function filesBelow(place: string): readonly string[] {
  let folder: boolean;
  try {
    folder = statSync(place).isDirectory();
  } catch {
    throw new FileError(`cannot read ${place}: no such file or folder`);
  }
  if (!folder) return [place];
  return readdirSync(place, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(place, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return /\.jsonl?$/.test(entry.name) ? [path] : [];
    });
}

function readRecordingFile(file: string): readonly Recording[] {
  const text = readText(file);
  const lines = text.split('\n');
  // One object over many lines, or one on each.
  const whole = parsed(text);
  const first = whole.ok ? whole.json : jsonOf(file, lines, 0);
  const format = typeof first === 'object' && first !== null && 'format' in first ? first.format : undefined;
  if (format === ENSEMBLE_FORMAT) {
    if (!whole.ok) throw new FileError(`${file}: expected one JSON object: ${whole.message}`);
    const recording = parseScenarioFile(whole.json);
    if (!recording.ok) throw new FileError(`${file}: ${recording.message}`);
    return [{ kind: 'ensemble', file, name: `ensemble/${recording.value.scenario}`, recorded: recording.value }];
  }
  if (format === SUITE_FORMAT) return readCases(file, lines);
  throw new FileError(
    `${file}, line 1: expected the format ${SUITE_FORMAT} or ${ENSEMBLE_FORMAT}, got ${JSON.stringify(format) ?? 'none'}`,
  );
}

function readCases(file: string, lines: readonly string[]): readonly Recording[] {
  const cases: RecordedCase[] = [];
  for (let at = 1; at < lines.length; at++) {
    if (lines[at]?.trim() === '') continue;
    const line = parseLine(jsonOf(file, lines, at));
    const place = `${file}, line ${at + 1}`;
    if (!line.ok) throw new FileError(`${place}: ${line.message}`);
    const open = cases.at(-1);
    switch (line.value.kind) {
      case 'case': {
        const { header } = line.value;
        cases.push({ ...header, steps: [], final: null });
        break;
      }
      case 'step':
        if (!open || open.final !== null) throw new FileError(`${place}: expected a case before its first step`);
        cases.splice(-1, 1, { ...open, steps: [...open.steps, line.value.step] });
        break;
      case 'final':
        if (!open || open.final !== null) throw new FileError(`${place}: expected a case before its final line`);
        cases.splice(-1, 1, { ...open, final: line.value.final });
        break;
    }
  }
  return cases.map((recorded) => ({ kind: 'case', file, name: recorded.case, recorded }));
}

function jsonOf(file: string, lines: readonly string[], at: number): unknown {
  const line = parsed(lines[at] ?? '');
  if (!line.ok) throw new FileError(`${file}, line ${at + 1}: expected JSON: ${line.message}`);
  return line.json;
}

function parsed(
  text: string,
): { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
