/** The condition language of lessons. */
export { Evaluator, type Point } from './evaluator.ts';
export { parseCondition, type Names, type Parsed } from './parser.ts';
export { describePattern, sentenceOf } from './sentences.ts';
export { atomsOf, type Atom, type Condition, type Pattern } from './syntax.ts';
