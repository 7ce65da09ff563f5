/** Who uses the keyboard never loses the place: what a press takes away hands the focus on. */
import { tick } from 'svelte';
import type { Selection } from '../state/selection.svelte.ts';

/** If what had the focus is gone, the stage gets it. */
export async function keepFocus(): Promise<void> {
  await tick();
  if (document.activeElement === document.body) document.getElementById('stage')?.focus();
}

/** Selects nothing. The `button` that asked for it goes away; the inspector's tab that is shown then gets the focus. */
export async function selectNothing(selection: Selection, button: Element): Promise<void> {
  const inspector = button.closest('aside');
  selection.clear();
  await tick();
  inspector?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
}
