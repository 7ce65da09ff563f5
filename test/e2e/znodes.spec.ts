/** All that the inspector tells of znodes, sessions and clients. */
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  client,
  fiveServers,
  inspector,
  openLab,
  output,
  pause,
  playFast,
  server,
  type,
  znode,
} from '../helpers/lab-page.ts';

const LAB = fiveServers({
  ensemble: {
    servers: [1, 2, 3].map((sid) => ({ sid })),
    extendedTypesEnabled: true,
    localSessionsEnabled: true,
    localSessionsUpgradingEnabled: true,
    'readonlymode.enabled': true,
  },
  clients: [
    { name: 'alice', server: 1, sessionTimeout: 20_000 },
    { name: 'bob', server: 2, sessionTimeout: 20_000, readOnly: true },
  ],
});

test('permissions, owner, time to live, quota', async ({ page }) => {
  await openLab(page, LAB);
  for (const line of [
    'addauth digest alice:secret',
    'create /app hello world:anyone:r,auth:alice:secret:cdrwa',
    'create -e /mine',
    'create -t 60000 /brief',
    'create -c /box',
    'setquota -n 5 /app',
  ]) {
    await type(page, line);
  }
  await playFast(page);
  await expect(output(page)).toContainText('Created /box');
  await expect(page.getByRole('button', { name: 'Waiting for time' })).toHaveCount(0);
  await pause(page);
  const look = async (name: string): Promise<void> => (await znode(page, 's1', name)).first().click();
  await look('app');
  const acl = inspector(page).getByRole('list', { name: 'ACL' });
  await expect(acl).toContainText('world:anyone:r');
  await expect(acl).toContainText(/digest:alice:.*=:cdrwa/);
  await expect(inspector(page)).toContainText('1, limit 5');
  await look('mine');
  await expect(inspector(page)).toContainText('ephemeral of');
  await look('brief');
  await expect(inspector(page)).toContainText(/time to live\s*60 s.*s left/);
  await look('box');
  await expect(inspector(page)).toContainText('no child yet');
  await inspector(page).getByRole('tab', { name: 'Sessions' }).click();
  await inspector(page).getByRole('combobox').selectOption({ value: '3' });
  await expect(inspector(page)).toContainText('digest:alice');
});

test('sessions of one server are called local; without a quorum a client that allows it reads on', async ({ page }) => {
  await openLab(page, LAB);
  await inspector(page).getByRole('tab', { name: 'Sessions' }).click();
  await expect(inspector(page)).toContainText('local, here');
  for (const name of ['s1', 's2']) {
    await server(page, name).focus();
    await page.keyboard.press('k');
  }
  await playFast(page);
  await expect(server(page, 's3')).toHaveAccessibleName(/serves reads only, without a quorum/);
  // Its old session needs the ensemble.
  await expect(client(page, 'bob')).toHaveAttribute('data-state', 'EXPIRED');
  await choose(page, client(page, 'bob'), 's3', 'Connect to');
  await expect(client(page, 'bob')).toHaveAttribute('data-state', 'CONNECTEDREADONLY');
  await pause(page);
  await client(page, 'bob').click();
  await page.keyboard.press('Escape');
  await expect(inspector(page)).toContainText('Its server has no quorum');
});
