/** Replays a recording of either kind. */
import type { Difference } from './compare.ts';
import { replayCase } from './case.ts';
import type { Recording } from './files.ts';

/** What became of one recording. */
export interface Replayed {
  readonly file: string;
  readonly case: string;
  readonly area: string;
  /** None: it holds. */
  readonly differences: readonly (Difference & { readonly step: number | null })[];
}

export async function replay(recording: Recording): Promise<Replayed> {
  const { file } = recording;
  switch (recording.kind) {
    case 'case': {
      const { recorded } = recording;
      return { file, case: recorded.case, area: recorded.area, differences: await replayCase(recorded) };
    }
    case 'ensemble': {
      const { recorded } = recording;
      return {
        file,
        case: `ensemble/${recorded.scenario}`,
        area: 'ensemble',
        differences: [{ step: null, place: '', expected: 'a replay', got: 'none yet' }],
      };
    }
  }
}
