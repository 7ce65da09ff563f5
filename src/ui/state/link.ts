/** A lab in the address: opening a link gives the same lab at the same instant. */
import { decodeLink, encodeLink, serializeScenario } from '../../lab/index.ts';
import type { App } from './app.svelte.ts';

export type ShareLink = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly reason: string };

/** The address of the present lab at the present playhead. */
export function linkTo({ lab }: Pick<App, 'lab'>, here: string): ShareLink {
  if (lab.scenario === null) return { ok: false, reason: 'The lab has not started yet.' };
  const encoded = encodeLink(lab.scenario, lab.playhead);
  if (!encoded.ok) return { ok: false, reason: encoded.message };
  return { ok: true, url: `${here.split('#')[0] ?? ''}#${encoded.fragment}` };
}

/** Whether an address carries a lab. */
export function carriesLab(hash: string): boolean {
  return /^#?z\d+\./.test(hash);
}

/**
 * Opens the lab of a link and stops at its instant.
 *
 * @returns false if there is none, or if it is refused: then one sentence says why, and the lab on the screen goes on
 */
export async function openLink(app: App, hash: string): Promise<boolean> {
  if (!carriesLab(hash)) return false;
  const decoded = decodeLink(hash);
  if (!decoded.ok) {
    app.toasts.show('error', decoded.message);
    return false;
  }
  const opened = await app.open(serializeScenario(decoded.scenario));
  if (opened && decoded.at !== null) {
    app.playback.pause();
    // What lies before has been run to the scenario's start; the rest is run now, and what is behind is shown.
    if (decoded.at > app.lab.playhead) await app.lab.runTo(decoded.at, { nonstop: true });
    else await app.lab.seek(decoded.at);
    app.selection.clear();
    app.showViolation();
  }
  return opened;
}

/** Opens links that are pasted into the address of the open page. @returns the clean-up */
export function followLinks(app: App): () => void {
  const open = () => void openLink(app, location.hash);
  addEventListener('hashchange', open);
  return () => removeEventListener('hashchange', open);
}
