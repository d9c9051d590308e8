/** The text of a brief. What puts it into a field is part of the package's main entry. */
export { briefless, briefOf } from './brief.ts'
export type {
  BriefChecks,
  BriefCommit,
  BriefComparison,
  BriefDeployments,
  BriefEvidence,
  BriefFacts,
  BriefPull,
  DeployedVersion,
  Part,
  VersionFacts
} from './facts.ts'
export { compareUrl } from './version-lines.ts'
