/** JSON as the admin server prints it (Jackson's default indentation). */

/** A number as it is to be printed: Java's longs and doubles. */
export interface JavaNumber {
  readonly number: string;
}
/** Members in this order, whatever their names. */
export type JsonObject = ReadonlyMap<string, Json>;
export type Json = string | number | boolean | null | JavaNumber | readonly Json[] | JsonObject;

export function jacksonText(value: Json, indent = ''): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if ('number' in value) return value.number;
  if (isList(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map((each) => jacksonText(each, indent)).join(', ')} ]`;
  }
  if (value.size === 0) return '{ }';
  const inner = `${indent}  `;
  const members = [...value].map(([key, each]) => `${inner}${JSON.stringify(key)} : ${jacksonText(each, inner)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** The members of a plain object whose keys are names, not numbers. */
export function object(members: Readonly<Record<string, Json>>): JsonObject {
  return new Map(Object.entries(members));
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
