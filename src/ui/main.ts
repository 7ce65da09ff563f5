/** The page's entry point: the lab begins, and while its workers start the page is drawn. */
import { mount } from 'svelte';
import Page from './App.svelte';
import { App } from './state/app.svelte.ts';
import { DEFAULT_LAB } from './state/default-lab.ts';
import { openLink } from './state/link.ts';
import { browserLabs } from './state/source.ts';
import './styles/tokens.css';
import './styles/base.css';

/** The lab from before a reload; else that of the link, if the address carries a good one; else the default lab. */
async function begin(app: App): Promise<void> {
  const { hash } = location;
  const opened = (await app.keeper.resume(hash)) || (await openLink(app, hash));
  if (!opened) await app.open(DEFAULT_LAB);
  app.keeper.attach();
  await app.folders.clean();
}

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element #app');
const app = new App(browserLabs);
void begin(app);
// In a task of its own: what `begin` does until the workers are asked for comes first.
setTimeout(() => mount(Page, { target, props: { stores: app } }));
