/** Lessons: their format, their condition language, their runner, their proof; stories of broken rules. */
export { describePattern, parseCondition, sentenceOf, type Condition, type Names } from './condition/index.ts';
export type { AtomProgress } from './follower.ts';
export type { Act, Checkpoint, Lesson, LessonText, Prediction, Question, Route, Step, StepText } from './lesson.ts';
export { parseLesson, type ParsedLesson } from './parse.ts';
export { proveLesson, SEEDS, type Finding } from './prove.ts';
export { LessonRunner, type Entered, type OpenLab, type Progress } from './runner.ts';
export { isRedInstant, proveStory, type StoryProof } from './prove-story.ts';
export { parseStory, withoutDefect, type ParsedStory, type Story, type StoryStep } from './story.ts';
