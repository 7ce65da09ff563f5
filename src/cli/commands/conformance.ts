/** `conformance DIR`: replays recordings of the real server and tells every difference; see src/cli/conformance. */
import { parseArgs } from 'node:util';
import { readRecordings, replay, type Replayed } from '../conformance/index.ts';
import { parsed, UsageError, type Command } from '../usage.ts';

export const conformance: Command = {
  name: 'conformance',
  usage: 'conformance DIR [--only TEXT] [--json]',
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
      }),
    );
    const [place, ...more] = positionals;
    if (place === undefined || more.length > 0) throw new UsageError('Give one folder or file of recordings.');
    const chosen = readRecordings(place).filter(({ name }) => name.includes(values.only));
    if (chosen.length === 0) throw new UsageError(`--only: no case has ${values.only} in its name`);
    const failed: Replayed[] = [];
    for (const recording of chosen) {
      const replayed = await replay(recording);
      if (replayed.differences.length === 0) continue;
      failed.push(replayed);
      if (!values.json) console.log(forPeople(replayed));
    }
    const passed = chosen.length - failed.length;
    if (values.json) console.log(JSON.stringify({ passed, failed: failed.length, cases: failed }, null, 2));
    else console.log(`${passed} passed, ${failed.length} failed`);
    return failed.length > 0 ? 1 : 0;
  },
};

function forPeople({ file, case: name, differences }: Replayed): string {
  const lines = differences.flatMap(({ step, place, expected, got }) => {
    const where = [file, name, step === null ? '' : `step ${step}`, place].filter((part) => part !== '');
    return [where.join(', '), `  expected ${text(expected)}`, `  got      ${text(got)}`];
  });
  return lines.join('\n');
}

/** JSON; of long texts the beginning. */
function text(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 2000 ? `${json.slice(0, 2000)}… (${json.length} characters)` : json;
}
