/** The headless lab: `npm run lab -- COMMAND …`. Exits 0 when all held, 1 when something failed, 2 for wrong usage. */
import { COMMANDS } from './commands/index.ts';
import { UsageError } from './usage.ts';

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const wantsHelp = name === undefined || name === 'help' || name === '--help' || name === '-h';
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    if (name !== undefined && !wantsHelp) console.error(`There is no command ${name}.\n`);
    (wantsHelp ? console.log : console.error)(COMMANDS.map(({ usage }) => `  ${usage}`).join('\n'));
    return name === undefined || !wantsHelp ? 2 : 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nUsage: ${command.usage}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
