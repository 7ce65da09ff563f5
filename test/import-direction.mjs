// The lint rule of the house's dependency direction: arrows point at what is imported, never back.
//
//   ui, cli ─► lesson, simulate ─► lab ─► trace, check ─► engine, client ─► process ─► protocol
//
// A folder that has an `index.ts` is imported through it. `protocol` and `process` are vocabulary, imported module by module; the hosts of the lab stay out
// of its index, because each needs the types of its runtime.
import { existsSync } from 'node:fs';
import path from 'node:path';

const core = ['engine', 'client', 'process', 'protocol'];
const lab = ['lab', 'trace', 'check', ...core];

/** What each folder may import beside itself. @type {Record<string, string[]>} */
const allowed = {
  protocol: [],
  process: ['protocol'],
  engine: ['process', 'protocol'],
  client: ['process', 'protocol'],
  trace: core,
  check: ['trace', ...core],
  lab: ['trace', 'check', ...core],
  lesson: lab,
  simulate: lab,
  cli: ['lesson', 'lessons', 'simulate', ...lab],
  ui: ['lesson', 'lessons', ...lab],
  workers: ['lab', 'simulate', ...core],
  lessons: [],
};

const direct = [/^src\/(protocol|process)\//, /^src\/lab\/hosts\//];

/**
 * @param {string} file relative to the repository
 * @returns {string | undefined} the part of the house that it belongs to
 */
function partOf(file) {
  const [top = '', folder] = file.split('/');
  return top === 'src' ? folder : top;
}

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      direction:
        '{{from}} must not import {{to}}. It may import {{allowed}}: move what is shared down, or hand it in from above.',
      unknown: 'Say in test/import-direction.mjs what src/{{from}} may import.',
      index: 'Import {{to}} through its index.ts: that file says what is public.',
      extension: 'Write the import with its file extension, such as "{{source}}.ts".',
    },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const from = partOf(file);
    const permitted = from === undefined ? undefined : allowed[from];
    if (from === undefined || permitted === undefined) {
      return { Program: (node) => context.report({ node, messageId: 'unknown', data: { from: from ?? '' } }) };
    }

    /** @param {{ source?: unknown }} node */
    const check = ({ source }) => {
      const literal = /** @type {import('estree').Node & { type: string, value?: unknown } | null | undefined} */ (
        source
      );
      if (literal?.type !== 'Literal' || typeof literal.value !== 'string' || !literal.value.startsWith('.')) return;
      const [request = ''] = literal.value.split('?');
      const target = path.posix.join(path.posix.dirname(file), request);
      const to = partOf(target);
      if (path.posix.extname(request) === '') {
        context.report({ node: literal, messageId: 'extension', data: { source: literal.value } });
      }
      if (to === undefined || to === from) return;
      if (!permitted.includes(to)) {
        const data = { from, to, allowed: permitted.length > 0 ? permitted.join(', ') : 'nothing but itself' };
        context.report({ node: literal, messageId: 'direction', data });
        return;
      }
      const index = `src/${to}/index.ts`;
      if (
        target !== index &&
        !direct.some((place) => place.test(target)) &&
        existsSync(path.join(context.cwd, index))
      ) {
        context.report({ node: literal, messageId: 'index', data: { to } });
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      TSImportType: check,
    };
  },
};
