/** Of a brief: which version is deployed, which one comes, and the way back. */
import { formatServiceNowDate } from '../window.ts'
import type { BriefFacts, DeployedVersion, VersionFacts } from './facts.ts'
import { counted, plainText, quoted } from './plain-text.ts'

/** Hex digits by which people know a commit. */
const SHORT = 12

export function shortCommit(commit: string): string {
  return commit.slice(0, SHORT)
}

/** The page that compares the deployed version with the one to come; undefined where either is not known. */
export function compareUrl({ repositoryUrl, deployments, commit }: VersionFacts): string | undefined {
  const last = deployments.kind === 'read' ? deployments.value.last : undefined
  if (repositoryUrl === '' || last === undefined || last.commit === commit) return undefined
  return `${repositoryUrl}/compare/${last.commit}...${commit}`
}

/** What is deployed now, and the comparison. */
export function versionLines(facts: VersionFacts): string[] {
  const { deployments, environment, repositoryUrl, commit } = facts
  const target = quoted(environment)
  if (deployments.kind === 'unread')
    return [`What changes since the last deployment is not known: ${plainText(deployments.why, 300)}.`]
  const { last, seen, more } = deployments.value
  if (last === undefined && seen === 0)
    return [`GitHub has no earlier deployment to ${target}: this is the first one that it knows of.`]
  if (last === undefined) {
    const which = more ? `the last ${seen} deployments` : counted(seen, 'deployment')
    return [`None of ${which} to ${target} that GitHub has was successful: there is nothing to compare with.`]
  }
  const lines = [`Deployed to ${target} now: ${versionText(last)}, since ${whenText(last, repositoryUrl)}`]
  if (last.commit === commit) return [...lines, 'The same commit is deployed again.']
  const url = compareUrl(facts)
  return url === undefined ? lines : [...lines, `Compare: ${url}`]
}

/** The version to go back to, and how. */
export function backoutLines(facts: BriefFacts): string[] {
  const { repositoryUrl, hasBackoutPlan } = facts
  const back = versionBefore(facts)
  const run = back === undefined ? undefined : runUrl(back, repositoryUrl)
  const again = run === undefined ? 'deploy that version again' : `deploy that version again, as ${run} did`
  const how = back === undefined ? 'none is known, see the repository' : again
  return [
    `Version to go back to: ${back === undefined ? noVersionText(facts) : versionText(back)}`,
    `Backout: ${hasBackoutPlan ? 'as in the backout plan' : how}`
  ]
}

/** Going back to the commit that is deployed now undoes nothing where it is deployed once more. */
function versionBefore({ deployments, commit }: VersionFacts): DeployedVersion | undefined {
  if (deployments.kind === 'unread') return undefined
  const { last, before } = deployments.value
  return last?.commit === commit ? before : last
}

/** What was not asked, or not looked at, may well be there. */
function noVersionText({ deployments }: VersionFacts): string {
  if (deployments.kind === 'unread') return `not known, ${plainText(deployments.why, 300)}`
  const { last, seen, more } = deployments.value
  if (!more) return 'none that GitHub knows of'
  const looked = `the last ${seen} deployments`
  return last === undefined
    ? `not known, none of ${looked} was successful`
    : `not known, ${looked} have no success of another commit`
}

function versionText({ tag, commit }: DeployedVersion): string {
  const id = `commit ${shortCommit(commit)}`
  return tag === undefined ? id : `${id} (tag ${quoted(tag)})`
}

function whenText(last: DeployedVersion, repositoryUrl: string): string {
  const run = runUrl(last, repositoryUrl)
  const at = `${formatServiceNowDate(last.at)} UTC`
  return run === undefined ? at : `${at}, by ${run}`
}

function runUrl({ runId }: DeployedVersion, repositoryUrl: string): string | undefined {
  if (runId === undefined || repositoryUrl === '') return undefined
  return `${repositoryUrl}/actions/runs/${runId}`
}
