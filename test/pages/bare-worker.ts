/** A worker that does nothing but what lock step needs: a number to every peer, wait for one of each, and again. */
let ports: readonly MessagePort[] | null = null;
let inbox = new Int32Array(0);
let goal = 0;

function post(): void {
  for (const port of ports ?? []) port.postMessage(0);
}

function goOn(): void {
  while (goal > 0 && inbox.every((batches) => batches > 0)) {
    for (let i = 0; i < inbox.length; i++) inbox[i] = (inbox[i] ?? 0) - 1;
    if (--goal === 0) globalThis.postMessage('done');
    else post();
  }
}

globalThis.onmessage = ({ data }: MessageEvent<readonly MessagePort[] | number>): void => {
  if (typeof data === 'number') {
    goal = data;
    post();
    goOn();
    return;
  }
  ports = data;
  inbox = new Int32Array(data.length);
  data.forEach((port, i) => {
    port.onmessage = (): void => {
      inbox[i] = (inbox[i] ?? 0) + 1;
      goOn();
    };
  });
  globalThis.postMessage('ready');
};
