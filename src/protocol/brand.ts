/**
 * Nominal types over primitives. Each branded type has one validating constructor, next to its
 * definition; a cast to a brand anywhere else wants a comment.
 */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
