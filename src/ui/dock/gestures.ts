/** Pointer, wheel and size of a time surface, as an attachment: drag seeks, the wheel zooms, two fingers pinch. */

export interface GestureActs {
  /** A press; true if something was there to press, so that no drag begins. */
  readonly press?: (x: number, y: number) => boolean;
  /** A drag on the paper. Without it a drag pans. */
  readonly seek?: (x: number) => void;
  readonly zoom: (factor: number, x: number) => void;
  readonly pan: (dx: number) => void;
  readonly hover?: (x: number, y: number) => void;
  readonly leave?: () => void;
  readonly resize?: (width: number, height: number) => void;
}

export function gestures(acts: GestureActs): (element: HTMLElement) => () => void {
  return (element) => {
    const listeners = new AbortController();
    const { signal } = listeners;
    /** Fingers and the mouse while they are down: x by pointer id. */
    const down = new Map<number, number>();
    let dragging = false;
    const place = (event: MouseEvent): [number, number] => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };

    const onDown = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      const [x, y] = place(event);
      element.setPointerCapture(event.pointerId);
      down.set(event.pointerId, x);
      dragging = down.size === 1 && acts.press?.(x, y) !== true;
      if (dragging) acts.seek?.(x);
    };
    const onMove = (event: PointerEvent): void => {
      const [x, y] = place(event);
      const before = down.get(event.pointerId);
      if (before === undefined) return acts.hover?.(x, y);
      if (down.size === 2) pinch(event.pointerId, before, x);
      else if (dragging && acts.seek) acts.seek(x);
      else if (dragging) acts.pan(x - before);
      down.set(event.pointerId, x);
    };
    const pinch = (pointer: number, before: number, x: number): void => {
      const other = [...down].find(([id]) => id !== pointer)?.[1] ?? x;
      const [was, is] = [Math.abs(before - other), Math.abs(x - other)];
      if (was > 4 && is > 4) acts.zoom(is / was, (x + other) / 2);
      acts.pan((x - before) / 2);
    };
    const onUp = (event: PointerEvent): void => {
      down.delete(event.pointerId);
      dragging = false;
    };
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const [x] = place(event);
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) acts.pan(-(event.deltaX || event.deltaY));
      else acts.zoom(2 ** (-event.deltaY * (event.deltaMode === 1 ? 20 : 1) * 0.004), x);
    };

    element.addEventListener('pointerdown', onDown, { signal });
    element.addEventListener('pointermove', onMove, { signal });
    element.addEventListener('pointerup', onUp, { signal });
    element.addEventListener('pointercancel', onUp, { signal });
    element.addEventListener('pointerleave', () => acts.leave?.(), { signal });
    element.addEventListener('wheel', onWheel, { signal, passive: false });
    const observer = new ResizeObserver(() => acts.resize?.(element.clientWidth, element.clientHeight));
    observer.observe(element);
    return () => {
      listeners.abort();
      observer.disconnect();
    };
  };
}
