import { encodeComparisons } from './encode/comparisons.js'
import type { Comparison } from './harness/comparison.js'
import { parseComparisons } from './parse/comparisons.js'

/** All that are measured in a process of their own. */
export const comparisons: readonly Comparison[] = [...parseComparisons, ...encodeComparisons]
