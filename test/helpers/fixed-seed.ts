/** Properties draw the same cases in every run: a failure is found again. Longer searches have commands of their own. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_260_101 });
