/** Replays a recording of either kind. */
import { unreachable } from '../../protocol/assert.ts';
import type { Difference } from './compare.ts';
import { replayCase } from './case.ts';
import { replayScenario } from './ensemble.ts';
import type { Recording } from './files.ts';

/** What became of one recording. */
export interface Replayed {
  readonly file: string;
  readonly case: string;
  readonly area: string;
  /** None: it holds. `step` null: the header or the final line of a case. */
  readonly differences: readonly (Difference & { readonly step: number | null })[];
}

/** Plays it on a lab of its own. Never rejects for what the engine does: that is a difference. */
export async function replay(recording: Recording): Promise<Replayed> {
  const { file, name } = recording;
  switch (recording.kind) {
    case 'case': {
      const { recorded } = recording;
      return { file, case: name, area: recorded.area, differences: await replayCase(recorded) };
    }
    case 'ensemble':
      return { file, case: name, area: 'ensemble', differences: await replayScenario(recording.recorded) };
    default:
      return unreachable(recording);
  }
}
