import { describe, expect, it } from '@jest/globals'
import { GitHubProblem, type GitHubRetry } from './problem.ts'
import { type Attempts, sendUntilDone } from './send-until-done.ts'

const problem = (committed: 'no' | 'maybe', retry: GitHubRetry = { temporary: true }) =>
  new GitHubProblem({ code: 'server', facts: { operation: 'approving', status: 502 }, retry, committed })

/** Runs attempts that end in this order, and says in which order things happened. */
function attempting(ends: readonly (GitHubProblem | string)[], more: Partial<Attempts<string>> = {}) {
  const steps: string[] = []
  const left = [...ends]
  const find = more.find
  const attempts: Attempts<string> = {
    send: async () => {
      steps.push('send')
      const end = left.shift() ?? 'too often'
      if (typeof end === 'string') return end
      throw end
    },
    sleep: async ms => void steps.push(`sleep ${ms}`),
    random: () => 0,
    ...more,
    find:
      find === undefined
        ? undefined
        : () => {
            steps.push('find')
            return find()
          }
  }
  return { steps, done: sendUntilDone(attempts) }
}

describe('a write that may have been carried out', () => {
  it('is looked for, and not sent again when it is found', async () => {
    const { steps, done } = attempting([problem('maybe')], { find: async () => 'found' })
    expect(await done).toBe('found')
    expect(steps).toEqual(['send', 'sleep 500', 'find'])
  })

  it('is sent again when it is not found', async () => {
    const { steps, done } = attempting([problem('maybe'), 'sent'], { find: async () => undefined })
    expect(await done).toBe('sent')
    expect(steps).toEqual(['send', 'sleep 500', 'find', 'send'])
  })

  it('is looked for after every further attempt, and before a failure is reported', async () => {
    const refused = problem('no', { temporary: false })
    const { steps, done } = attempting([problem('maybe'), problem('no'), refused], {
      find: async () => undefined
    })
    await expect(done).rejects.toBe(refused)
    expect(steps).toEqual(['send', 'sleep 500', 'find', 'send', 'sleep 1000', 'find', 'send', 'find'])
  })

  it('is not sent again where nothing can look for it', async () => {
    const lost = problem('maybe')
    const { steps, done } = attempting([lost])
    await expect(done).rejects.toBe(lost)
    expect(steps).toEqual(['send'])
  })

  it('stays the problem when looking for it fails', async () => {
    const lost = problem('maybe')
    const { done } = attempting([lost], { find: () => Promise.reject(problem('no')) })
    await expect(done).rejects.toBe(lost)
    const mistake = new TypeError('a mistake')
    const broken = attempting([lost], { find: () => Promise.reject(mistake) })
    await expect(broken.done).rejects.toBe(mistake)
  })
})

describe('a request that was not carried out', () => {
  it('is sent again without looking for it, after the pause that GitHub asks for', async () => {
    const told: unknown[] = []
    const { steps, done } = attempting([problem('no', { temporary: true, afterMs: 7_000 }), 'sent'], {
      find: async () => 'found',
      onRetry: (retry, pauseMs, { code }) => void told.push([retry, pauseMs, code])
    })
    expect(await done).toBe('sent')
    expect(steps).toEqual(['send', 'sleep 7000', 'send'])
    expect(told).toEqual([[0, 7_000, 'server']])
  })

  it('waits longer each time, so that many runners do not come back together', async () => {
    const { steps, done } = attempting([problem('no'), problem('no'), 'sent'], { random: () => 0.5 })
    expect(await done).toBe('sent')
    expect(steps.filter(step => step.startsWith('sleep'))).toEqual(['sleep 750', 'sleep 1500'])
  })

  it.each<[string, GitHubProblem[], Partial<Attempts<string>>, number]>([
    ['a final problem', [problem('no', { temporary: false })], {}, 1],
    ['a pause that is too long', [problem('no', { temporary: true, afterMs: 60_001 })], {}, 1],
    ['too many attempts', [problem('no'), problem('no')], { maxRetries: 1 }, 2]
  ])('ends with %s', async (_, ends, more, sent) => {
    const { steps, done } = attempting(ends, more)
    await expect(done).rejects.toBe(ends.at(-1))
    expect(steps.filter(step => step === 'send')).toHaveLength(sent)
  })

  it('because of a mistake of ours is thrown as it is', async () => {
    const mistake = new TypeError('a mistake')
    const { done } = attempting([], { send: () => Promise.reject(mistake) })
    await expect(done).rejects.toBe(mistake)
  })
})

describe('a rate limit', () => {
  const limited = new GitHubProblem({
    code: 'rate-limit',
    facts: { operation: 'approving', status: 403, limit: 'secondary' },
    retry: { temporary: true, afterMs: 60_000 },
    committed: 'no'
  })

  it('is waited for as often as any other temporary problem', async () => {
    const { steps, done } = attempting([limited, limited, 'sent'])
    expect(await done).toBe('sent')
    expect(steps).toEqual(['send', 'sleep 60000', 'send', 'sleep 60000', 'send'])
  })

  it('is waited for less often where that was said, and others are not', async () => {
    const { steps, done } = attempting([problem('no'), limited], { maxRateLimitRetries: 1 })
    await expect(done).rejects.toBe(limited)
    expect(steps).toEqual(['send', 'sleep 500', 'send'])
    const others = attempting([problem('no'), problem('no'), 'sent'], { maxRateLimitRetries: 1 })
    expect(await others.done).toBe('sent')
  })
})
