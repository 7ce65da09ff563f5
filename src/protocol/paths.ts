/**
 * Which texts are paths of znodes (`PathUtils.validatePath`). Clients check before they send, the
 * leader checks again before a write becomes a transaction.
 */

/**
 * Why `path` is not a path of a znode, or null if it is one. For a sequential create the text is
 * judged with a digit added, so that `/a/` is legal there.
 */
export function validatePath(path: string, sequential = false): string | null {
  const text = sequential ? `${path}1` : path;
  if (text.length === 0) return 'a path must not be empty';
  if (!text.startsWith('/')) return 'a path must start with /';
  if (text === '/') return null;
  if (text.endsWith('/')) return 'a path must not end with /';

  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0) return `a path must not contain the null character (position ${at})`;
    if (isForbidden(code)) return `a path must not contain the character at position ${at}`;
  }
  for (const component of text.slice(1).split('/')) {
    if (component === '') return 'a path must not contain an empty name';
    if (component === '.' || component === '..') return 'a path must not contain the names . and ..';
  }
  return null;
}

/** Control characters, surrogates and private use, specials. */
function isForbidden(code: number): boolean {
  return (
    code <= 0x1f ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0xd800 && code <= 0xf8ff) ||
    (code >= 0xfff0 && code <= 0xffff)
  );
}
