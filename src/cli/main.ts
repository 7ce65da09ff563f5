/** The headless lab: `npm run lab -- COMMAND …`. Exits 0 when all held, 1 when something failed, 2 for wrong usage. */
import { COMMANDS } from './commands/index.ts';
import { FileError } from './files.ts';
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
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(`Usage: ${command.usage}`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\nUsage: ${command.usage}`);
    else if (error instanceof FileError) console.error(error.message);
    else throw error;
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
