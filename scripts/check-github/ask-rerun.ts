/** Re-running a job that succeeded, with a personal token and with that of a job; and the limit of the latter. */
import { wordsOf } from './api.ts'
import { awaited, type Bench, completed, jobsOf, startWorkflow } from './bench.ts'
import type { Answer } from './report.ts'

/** The second job is skipped in the first attempt. */
const checked = (branch: string) => `name: servicenow-check
on: { push: { branches: ['${branch}'] } }
permissions: {}
jobs:
  look: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  deploy:
    needs: look
    if: \${{ github.run_attempt > 1 }}
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
`

/** A job cannot hand anything to the API but a commit status; the status goes with the branch. */
export const STATUS = /^servicenow-check: rerun (\S*), limit (\S*)$/

const byJob = (jobId: number) => (branch: string) =>
  `name: servicenow-check
on: { push: { branches: ['${branch}'] } }
permissions: { actions: write, statuses: write }
jobs:
  again:
    runs-on: ubuntu-latest
    steps:
      - env: { TOKEN: '\${{ github.token }}' }
        run: |
          api() { curl -sS -o /dev/null -H "Authorization: Bearer $TOKEN" "$@"; }
          base="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY"
          code=$(api -w '%{http_code}' -X POST "$base/actions/jobs/${jobId}/rerun")
          limit=$(api -w '%header{x-ratelimit-limit}' "$base")
          api -X POST "$base/statuses/$GITHUB_SHA" -d "{\\"state\\":\\"success\\",\\"context\\":\\"servicenow-check: rerun $code, limit \${limit:-none}\\"}"
`

export async function askRerun(bench: Bench): Promise<readonly Answer[]> {
  const { api, path, settings } = bench
  const run = await startWorkflow(bench, 'rerun', checked)
  const conclusion = await completed(bench, run)
  const look = (await jobsOf(bench, run)).get('look')?.id ?? 0
  const again = await api(`POST ${path}/actions/jobs/${look}/rerun`, settings.token)
  const question = 'Can a job that succeeded be run again, and do its skipped dependents run then?'
  const seen = `a run that ended with ${conclusion}, POST jobs/{id}/rerun`
  if (again.status >= 300) return [{ question, answer: `no: ${wordsOf(again)}`, seen }]
  await completed(bench, run, 2)
  const jobs = await jobsOf(bench, run)
  const deploy = jobs.get('deploy')?.conclusion ?? 'not listed'
  return [
    { question, answer: `yes (${again.status}); the dependent: ${deploy}`, seen },
    ...(await byToken(bench, jobs.get('look')?.id ?? 0))
  ]
}

async function byToken(bench: Bench, jobId: number): Promise<readonly Answer[]> {
  const { api, path, settings, stamp } = bench
  const run = await startWorkflow(bench, 'token', byJob(jobId))
  await completed(bench, run)
  const { data } = await api(`GET ${path}/actions/runs/${run}`, settings.token)
  const [, code = '', limit = ''] = await awaited(bench, `the commit status of ${stamp}`, async () => {
    const { data: status } = await api(`GET ${path}/commits/${data.head_sha}/status`, settings.token)
    const contexts = (status.statuses ?? []).map((one: { context: string }) => STATUS.exec(one.context))
    return contexts.find((one: RegExpExecArray | null) => one !== null) ?? undefined
  })
  return [
    {
      question: 'Can GITHUB_TOKEN with actions: write run a job of another run again?',
      answer: code === '201' ? 'yes (201)' : `no (${code})`,
      seen: 'a job that sends the request'
    },
    { question: 'x-ratelimit-limit of GITHUB_TOKEN', answer: limit, seen: 'a request of the same job' }
  ]
}
