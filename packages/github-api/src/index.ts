export { isRunCompleted, type RunQuestion } from './workflow-runs.ts'
