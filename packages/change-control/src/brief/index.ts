export { BRIEF_TITLE, type Brief, briefless, briefOf } from './brief.ts'
export { cutLines } from './cut-lines.ts'
export { isBriefed, withBrief } from './description.ts'
export type {
  BriefChecks,
  BriefCommit,
  BriefComparison,
  BriefDeployments,
  BriefEvidence,
  BriefFacts,
  BriefPull,
  DeployedVersion,
  Part
} from './facts.ts'
export { compareUrl } from './version-lines.ts'
