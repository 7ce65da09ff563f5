/** A lab as a file: what comes from outside is bounded and validated, and refused in one sentence. */
import { parseScenarioText, serializeScenario } from '../../lab/index.ts';
import type { App } from './app.svelte.ts';

/** Bytes: more is no scenario that a person made. */
const FILE_MAX = 8 * 1024 * 1024;

/** Offers the present branch's scenario as a download. */
export function saveScenario({ lab }: Pick<App, 'lab'>): void {
  if (lab.scenario === null) return;
  const text = `${JSON.stringify(serializeScenario(lab.scenario), null, 2)}\n`;
  saveAs(fileName(lab.scenario.title), new Blob([text], { type: 'application/json' }));
}

/** Offers a file as a download. */
export function saveAs(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** `a-leader-dies.json` */
export function fileName(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ['lab'];
  return `${words.join('-').slice(0, 60)}.json`;
}

/** Opens a scenario file in place of the lab; a wrong one is refused and the lab goes on. */
export async function openFile(app: App, file: File): Promise<void> {
  if (file.size > FILE_MAX) {
    app.toasts.show('refusal', `${file.name} is too large for a scenario: ${Math.round(file.size / 1024 / 1024)} MB.`);
    return;
  }
  const parsed = parseScenarioText(await file.text());
  if (parsed.ok) await app.open(serializeScenario(parsed.scenario));
  else app.toasts.show('refusal', `${file.name} is not a scenario: ${parsed.message}`);
}
